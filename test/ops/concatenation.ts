import { type DType, elementCount } from '../../bindings/dtype.js';
import { counting, element, MOVABLE, smallShape, tensorOf, unchanged } from '../support/moving.js';
import { PACKED, pack, unpack } from '../support/packed.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult, ReferenceTensor } from '../support/spec.js';

const f = Math.fround;

/** TFLite's ConcatenationWithScaling (8-bit only): q·(s/S) - z·(s/S) in float, rounded half away from zero, plus Z. */
function requantize(
  q: number,
  from: ReferenceTensor,
  to: { dtype: string; quantization?: ReferenceTensor['quantization'] },
) {
  const [s, z] = [f(from.quantization!.scale[0]!), from.quantization!.zeroPoint[0]!];
  const [S, Z] = [f(to.quantization!.scale[0]!), to.quantization!.zeroPoint[0]!];
  if (s === S && z === Z) return q;
  const scale = f(s * f(1 / S));
  const bias = f(-z * scale);
  const real = f(f(q * scale) + bias);
  const rounded = Math.sign(real) * Math.round(Math.abs(real)) + Z;
  const [lo, hi] = to.dtype === 'uint8' ? [0, 255] : [-128, 127];
  return Math.min(hi, Math.max(lo, rounded));
}

function reference({ inputs, options, outputs: [y] }: ReferenceNode): ReferenceResult[] {
  if (PACKED.includes(y!.dtype)) {
    // As bytes, and packed again.
    const bytes = (x: ReferenceTensor) => ({
      ...x,
      dtype: 'int8' as const,
      data: unpack(x.dtype, x.data, elementCount(x.shape)),
    });
    const [joined] = reference({
      options,
      inputs: inputs.map((x) => bytes(x!)),
      outputs: [{ dtype: 'int8', shape: [] }],
      intermediates: [],
    });
    return [{ shape: joined!.shape, data: pack(y!.dtype, joined!.data as Int8Array) }];
  }
  const parts = inputs.map((x): ReferenceTensor => (x!.shape.length ? x! : { ...x!, shape: [1] }));
  const rank = parts[0]!.shape.length;
  const axis = (options.axis + rank) % rank;
  const shape = [...parts[0]!.shape];
  shape[axis] = parts.reduce((n, part) => n + part.shape[axis]!, 0);
  const rescales = y!.quantization && (y!.dtype === 'uint8' || y!.dtype === 'int8');
  return [
    tensorOf(y!.dtype, shape, (index) => {
      const at = [...index];
      let i = 0;
      while (at[axis]! >= parts[i]!.shape[axis]!) at[axis]! -= parts[i++]!.shape[axis]!;
      const e = element(parts[i]!, at);
      return rescales ? [requantize(e[0] as number, parts[i]!, y!)] : e;
    }),
  ];
}

/** Parts that are joined as they are, of one dtype and several sizes. */
function plain(dtype: DType, axis: number, shapes: readonly (readonly number[])[]): OpCase {
  const rng = new Rng(5);
  const quantized = dtype === 'int16';
  return {
    name: `${dtype} of ${shapes.map((shape) => `[${shape}]`).join(', ')}`,
    options: { axis },
    inputs: shapes.map((shape) => {
      const quantization = quantized ? rng.quantization(dtype) : undefined;
      return { dtype, shape, data: rng.data(dtype, shape), quantization, constant: shape.length === 0 };
    }),
    outputs: [{ dtype, shape: [], quantization: quantized ? rng.quantization(dtype) : undefined }],
  };
}

/** Inputs one after the other along an axis. */
export default {
  op: 'CONCATENATION',
  tolerance: unchanged,

  reference,

  cases: [
    {
      name: 'outer',
      options: { axis: 0 },
      inputs: [counting([1, 3]), counting([2, 3]), counting([0, 3])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'inner',
      options: { axis: -1 },
      inputs: [counting([2, 2, 1]), counting([2, 2, 20])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    plain('int4', 1, [
      [3, 5],
      [3, 2],
      [3, 4],
    ]),
    plain('int4', 0, [
      [1, 3],
      [2, 3],
    ]),
    plain('int4', -2, [
      [2, 2, 7],
      [2, 0, 7],
      [2, 3, 7],
    ]),
    plain('int16', 1, [
      [2, 3],
      [2, 9],
    ]),
    plain('int32', 0, [[], [], []]),
  ],

  random(rng): OpCase {
    const rank = rng.int(1, 5);
    const axis = rng.int(-rank, rank - 1);
    const shape = smallShape(rng, rank);
    const quantized = rng.bool(0.4);
    const dtype = quantized ? rng.pick(['uint8', 'int8'] as const) : rng.pick(MOVABLE);
    const quantization = quantized ? rng.quantization(dtype) : undefined;
    const inputs = Array.from({ length: rng.int(1, 4) }, () => {
      const part = [...shape];
      part[(axis + rank) % rank] = rng.int(0, 5);
      return rng.tensor(dtype, part, {
        quantization: quantized && rng.bool() ? rng.quantization(dtype) : quantization,
        constant: rng.bool(0.1),
      });
    });
    return {
      name: `${inputs.map((x) => x.shape.join('x'))} along ${axis}`,
      options: { axis, fusedActivationFunction: 'NONE' },
      inputs,
      outputs: [{ dtype, shape: [], quantization }],
    };
  },
} satisfies OpSpec as OpSpec;
