import { type DType, elementCount, typedArrayOf } from '../../bindings/dtype.js';
import { PACKED, pack, unpack } from './packed.js';
import type { Rng } from './random.js';
import type { ReferenceResult, ReferenceTensor, TensorSpec, Tolerance } from './spec.js';

// For operators that move elements and never look at them.

/** Every dtype whose elements are whole bytes. */
export const MOVABLE: readonly DType[] = [
  'float32',
  'int8',
  'uint8',
  'int32',
  'int16',
  'bool',
  'int64',
  'float16',
  'uint16',
  'uint32',
  'float64',
  'uint64',
  'bfloat16',
  'complex64',
];

export const unchanged = (): Tolerance => ({ rtol: 0, atol: 0, lsb: 0 });

/** The numbers that make up one element: one, or two of a complex dtype. */
export type Element = readonly (number | bigint)[];

/** Position of an index in row-major order; what it leaves out is 0. */
export function position(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((at, n, d) => at * n + (index[d] ?? 0), 0);
}

/** All indices of a shape in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((head) => Array.from({ length: n }, (_, i) => [...head, i])),
    [[]],
  );
}

export function element(x: ReferenceTensor, index: readonly number[]): Element {
  const lanes = x.dtype.startsWith('complex') ? 2 : 1;
  const at = position(x.shape, index) * lanes;
  return Array.from(x.data.subarray(at, at + lanes) as Iterable<number | bigint>);
}

/** A tensor whose element at each index `of` gives. */
export function tensorOf(dtype: DType, shape: readonly number[], of: (index: number[]) => Element): ReferenceResult {
  const lanes = dtype.startsWith('complex') ? 2 : 1;
  const data = new (typedArrayOf(dtype))(elementCount(shape) * lanes);
  for (const [i, index] of indices(shape).entries()) data.set(of(index) as never, i * lanes);
  return { shape, data };
}

/** What `move` makes of tensors; pairs of int4 along the last dimension are moved as bytes. */
export function inPairs(
  tensors: readonly ReferenceTensor[],
  move: (...tensors: ReferenceTensor[]) => ReferenceResult,
): ReferenceResult {
  if (tensors[0]!.dtype !== 'int4') return move(...tensors);
  const last = (shape: readonly number[], times: number) => [...shape.slice(0, -1), shape.at(-1)! * times];
  const { shape, data } = move(...tensors.map((x) => ({ ...x, dtype: 'uint8' as const, shape: last(x.shape, 1 / 2) })));
  return { shape: last(shape, 2), data };
}

/** What `move` makes of elements that share a byte, each in one of its own. */
export function unpacked(x: ReferenceTensor, move: (x: ReferenceTensor) => ReferenceResult): ReferenceResult {
  if (!PACKED.includes(x.dtype)) return move(x);
  const { shape, data } = move({ ...x, dtype: 'int8', data: unpack(x.dtype, x.data, elementCount(x.shape)) });
  return { shape, data: pack(x.dtype, data as Int8Array) };
}

/** The elements of an integer tensor as numbers. */
export function ints(x: ReferenceTensor): number[] {
  return Array.from(x.data as Iterable<number | bigint>, Number);
}

/** A small shape: most dimensions tiny, one up to 40, one 0 at times. */
export function smallShape(rng: Rng, rank: number): number[] {
  const shape = Array.from({ length: rank }, () => rng.int(1, rank > 5 ? 2 : 4));
  if (rank > 0 && rng.bool(0.7)) shape[rng.int(0, rank - 1)] = rng.dim();
  if (rank > 0 && rng.bool(0.05)) shape[rng.int(0, rank - 1)] = 0;
  return shape;
}

/** A random tensor with elements of any movable dtype. */
export function movable(rng: Rng, shape: readonly number[]): TensorSpec {
  return rng.tensor(rng.pick(MOVABLE), shape);
}

/** An integer tensor that steers the operator: a constant mostly, fed at times. */
export function steering(rng: Rng, values: readonly number[], shape: readonly number[] = [values.length]): TensorSpec {
  const dtype = rng.pick(['int32', 'int64'] as const);
  const data = dtype === 'int32' ? Int32Array.from(values) : BigInt64Array.from(values.map(BigInt));
  return { dtype, shape, data, constant: rng.bool(0.8) };
}

export function int32(values: readonly number[], shape: readonly number[] = [values.length]): TensorSpec {
  return { dtype: 'int32', shape, data: Int32Array.from(values), constant: true };
}

/** A float32 tensor that counts from 0. */
export function counting(shape: readonly number[]): TensorSpec {
  return { dtype: 'float32', shape, data: Float32Array.from({ length: elementCount(shape) }, (_, i) => i) };
}

export function shuffled<T>(rng: Rng, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = rng.int(0, i);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
