import { element, ints, smallShape, steering, tensorOf } from './moving.js';
import type { Rng } from './random.js';
import type { OpCase, ReferenceNode, ReferenceResult, TensorSpec } from './spec.js';

/** x in the midst of the value of input 2, or of zeros; those of a quantized tensor are its zero point. */
export function padReference({ inputs: [x, pads, value], outputs: [y] }: ReferenceNode): ReferenceResult[] {
  const p = ints(pads!);
  const shape = x!.shape.map((n, d) => p[2 * d]! + n + p[2 * d + 1]!);
  const zero = /int64/.test(x!.dtype) ? 0n : (y!.quantization?.zeroPoint[0] ?? 0);
  const outside = value ? element({ ...value, shape: [] }, []) : x!.dtype === 'complex64' ? [0, 0] : [zero];
  return [
    tensorOf(x!.dtype, shape, (index) => {
      const inside = index.map((i, d) => i - p[2 * d]!);
      return inside.every((i, d) => i >= 0 && i < x!.shape[d]!) ? element(x!, inside) : outside;
    }),
  ];
}

/** With a value or without. */
export function randomPad(rng: Rng, most: number, valued: boolean, of: (shape: number[]) => TensorSpec): OpCase {
  const rank = rng.int(0, 5);
  const shape = smallShape(rng, rank);
  const pads = Array.from({ length: 2 * rank }, () => (rng.bool() ? 0 : rng.int(0, most)));
  if (rank > 2 && most > 3) pads.fill(1, 4);
  const x = of(shape);
  const { dtype, quantization } = x;
  if (dtype !== 'int8' && !valued && shape.includes(0)) return randomPad(rng, most, valued, of);
  const value = rng.tensor(dtype, rng.pick([[], [1]]), { quantization, constant: rng.bool() });
  return {
    name: `${dtype} ${shape} by ${pads}${valued ? ', a value' : ''}`,
    inputs: [x, steering(rng, pads, [rank, 2]), ...(valued ? [value] : [])],
    outputs: [{ dtype, shape: [], quantization }],
  };
}

/** Paddings in the types that TFLite reads beside int32 and int64. */
export function narrowPaddings(x: TensorSpec): OpCase[] {
  const narrow = [
    { dtype: 'int8', data: Int8Array.of(1, 0, 2, 1) },
    { dtype: 'int16', data: Int16Array.of(1, 0, 2, 1) },
    { dtype: 'bool', data: Uint8Array.of(1, 0, 0, 1) },
  ] as const;
  return narrow.map((pads) => ({
    name: `by ${pads.dtype}`,
    // Constant bytes would be taken for weights.
    inputs: [x, { ...pads, shape: [2, 2] }],
    outputs: [{ dtype: x.dtype, shape: [] }],
  }));
}
