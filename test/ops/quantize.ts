import type { DType } from '../../bindings/dtype.js';
import { roundAway } from '../../bindings/quantization.js';
import { affine, clampTo, mapElements, scaled } from '../support/elementwise.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const PAIRS: readonly (readonly [DType, DType])[] = [
  ['float32', 'int8'],
  ['float32', 'uint8'],
  ['float32', 'int16'],
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
];

const INT32 = { scale: [1e-3], zeroPoint: [0] };

function random(rng: Rng, [from, to] = rng.pick(PAIRS)): OpCase {
  const quantization = (dtype: DType) => (dtype === 'int32' ? INT32 : rng.quantization(dtype, 4));
  const shape = [rng.int(1, 3), rng.dim()];
  return {
    name: `${from} to ${to}`,
    inputs: [rng.tensor(from, shape, { quantization: from === 'float32' ? undefined : quantization(from) })],
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
    const y = affine(node.outputs[0]!);
    return mapElements(node, (v) => {
      // The quotient of two float32 as a double.
      if (x.dtype === 'float32') return clampTo(y.dtype, roundAway((v as number) / y.scale || 0) + y.zeroPoint);
      const from = affine(x);
      return clampTo(y.dtype, scaled((v as number) - from.zeroPoint, from.scale / y.scale) + y.zeroPoint);
    });
  },
} satisfies OpSpec;
