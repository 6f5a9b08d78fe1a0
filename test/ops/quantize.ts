import type { DType } from '../../bindings/dtype.js';
import { roundAway } from '../../bindings/quantization.js';
import { affine, clampTo, mapElements, scaled } from '../support/elementwise.js';
import { PACKED, pack } from '../support/packed.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const PAIRS: readonly (readonly [DType, DType])[] = [
  ['float32', 'int8'],
  ['float32', 'uint8'],
  ['float32', 'int16'],
  ['float32', 'int4'],
  ['float32', 'uint4'],
  ['int8', 'int8'],
  ['int8', 'uint8'],
  ['uint8', 'int8'],
  ['uint8', 'uint8'],
  ['int8', 'int16'],
  ['uint8', 'int16'],
  ['int16', 'int8'],
  ['int16', 'int16'],
  ['int16', 'int32'],
  ['int32', 'int8'],
  ['int32', 'int16'],
  ['float16', 'int8'],
  ['float16', 'uint8'],
];

const CHANNELS: readonly DType[] = ['int8', 'uint8', 'int16'];

const { fround } = Math;

function even(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor & 1) : Math.round(x);
}

const INT32 = { scale: [1e-3], zeroPoint: [0] };

function random(rng: Rng, [from, to] = rng.pick(PAIRS)): OpCase {
  const shape = [rng.int(1, 3), rng.dim()];
  const axis = rng.int(0, 1);
  const channels = from === 'float32' && CHANNELS.includes(to) && rng.bool(0.3);
  const quantization = (dtype: DType) => {
    if (dtype === 'int32') return INT32;
    if (dtype === 'int4') return { scale: [0.7], zeroPoint: [-3] };
    if (dtype === 'uint4') return { scale: [0.7], zeroPoint: [5] };
    return channels ? rng.channelQuantization(shape[axis]!, axis, 4) : rng.quantization(dtype, 4);
  };
  return {
    name: `${from} to ${to}${channels ? ' per channel' : ''}`,
    inputs: [rng.tensor(from, shape, { quantization: from.startsWith('float') ? undefined : quantization(from) })],
    outputs: [{ dtype: to, shape, quantization: quantization(to) }],
  };
}

export default {
  op: 'QUANTIZE',
  cases: [
    ...(['int8', 'uint8', 'int16'] as const).map((dtype) => ({
      name: `halves, overflow and NaN to ${dtype}`,
      inputs: [
        {
          dtype: 'float32' as const,
          shape: [13],
          // Halves go away from zero in TFLite's kernels, to even in XNNPACK's.
          data: Float32Array.of(-1.5, -1.375, -0.625, -0.125, 0, 0.125, 0.375, 0.625, 1e4, -1e4, 1e30, -1e30, 0.374),
        },
      ],
      outputs: [{ dtype, shape: [13], quantization: { scale: [0.25], zeroPoint: [dtype === 'int16' ? 0 : 3] } }],
    })),
    ...(['int8', 'uint8'] as const).map((dtype) => ({
      name: `infinities and NaN to ${dtype}`,
      inputs: [
        { dtype: 'float32' as const, shape: [9], data: Float32Array.of(Infinity, -Infinity, NaN, 1, 2, 3, 4, 5, NaN) },
      ],
      outputs: [{ dtype, shape: [9], quantization: { scale: [0.25], zeroPoint: [3] } }],
    })),
    ...(
      [
        ['uint8', 'int8', -128],
        ['int8', 'uint8', 128],
      ] as const
    ).map(([from, to, difference]) => ({
      name: `${from} to ${to} of one scale`,
      inputs: [
        new Rng(5).tensor(from, [3, 37], { quantization: { scale: [0.25], zeroPoint: [from === 'uint8' ? 131 : 3] } }),
      ],
      outputs: [
        {
          dtype: to,
          shape: [3, 37],
          quantization: { scale: [0.25], zeroPoint: [(from === 'uint8' ? 131 : 3) + difference] },
        },
      ],
    })),
  ],
  random,
  reference(node) {
    const x = node.inputs[0]!;
    const output = node.outputs[0]!;
    const { scale, zeroPoint, axis = 0 } = output.quantization!;
    const inner = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    let i = 0;
    if (PACKED.includes(output.dtype)) {
      const values = Array.from(x.data as Float32Array, (v) => roundAway(v / scale[0]!) + zeroPoint[0]!);
      return [{ shape: x.shape, data: pack(output.dtype, values) }];
    }
    return mapElements(node, (v) => {
      const c = Math.floor(i++ / inner) % scale.length;
      const y = affine({ ...output, quantization: { scale: [scale[c]!], zeroPoint: [zeroPoint[c]!] } });
      // The quotient of two float32 as a double.
      // XNNPACK, which alone takes halves, multiplies, and rounds to even.
      if (x.dtype === 'float16') {
        return clampTo(y.dtype, even(fround((v as number) * fround(1 / y.scale))) + y.zeroPoint);
      }
      if (x.dtype === 'float32') return clampTo(y.dtype, roundAway((v as number) / y.scale || 0) + y.zeroPoint);
      const from = affine(x);
      return clampTo(y.dtype, scaled((v as number) - from.zeroPoint, from.scale / y.scale) + y.zeroPoint);
    });
  },
} satisfies OpSpec;
