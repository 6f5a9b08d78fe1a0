import { type DType, elementCount, typedArrayOf } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { ints } from './moving.js';
import type { Rng } from './random.js';
import type { ReferenceResult, ReferenceTensor, TensorSpec } from './spec.js';

// For operators that move or combine slices by indices.

export type Combination = 'write' | 'add' | 'multiply' | 'maximum' | 'minimum';

export const COMBINABLE: readonly DType[] = [
  'float32',
  'float16',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
];

type Scalar = number | bigint;

function combined(how: Combination, a: Scalar, b: Scalar): Scalar {
  const [p, q] = [a as number, b as number];
  switch (how) {
    case 'write':
      return b;
    case 'add':
      return p + q;
    case 'multiply':
      // The lower 32 bits of a product of integers.
      return typeof a === 'number' && Number.isInteger(p) && Number.isInteger(q) ? product(p, q) : p * q;
    case 'maximum':
      return a < b ? b : a;
    case 'minimum':
      return b < a ? b : a;
  }
}

const product = (a: number, b: number) => (Math.abs(a * b) < 2 ** 53 ? a * b : Math.imul(a, b));

/** result[to] = result[to] ∘ update; the array wraps or rounds. */
export function combineAt({ data }: ReferenceResult, dtype: DType, to: number, update: Scalar, how: Combination): void {
  if (dtype === 'float16' && how !== 'write') {
    const r = combined(how, halfToFloat(data[to] as number), halfToFloat(update as number));
    data[to] = floatToHalf(Math.fround(r as number));
  } else if (dtype === 'bool') {
    data[to] = Number(combined(how, data[to]!, update) !== 0);
  } else {
    data[to] = combined(how, data[to]!, update);
  }
}

/** A tensor with one value everywhere. */
export function filled(dtype: DType, shape: readonly number[], value: Scalar): ReferenceResult {
  const data = new (typedArrayOf(dtype))(elementCount(shape)) as Float32Array;
  return { shape, data: data.fill((dtype.endsWith('int64') ? BigInt(value) : value) as number) };
}

/** Slices of `updates` (or its one element, again and again) at the positions of `indices` [points, depth]. */
export function scatterSlices(
  result: ReferenceResult,
  updates: ReferenceTensor,
  indices: ReferenceTensor,
  depth: number,
  how: Combination,
): void {
  const { shape } = result;
  const slice = elementCount(shape.slice(depth));
  const all = ints(indices);
  const points = depth === 0 ? elementCount(indices.shape.slice(0, -1)) : all.length / depth;
  for (let p = 0; p < points; p++) {
    const index = all.slice(p * depth, p * depth + depth);
    if (index.some((i) => i < 0)) continue;
    const at = index.reduce((at, i, d) => at * shape[d]! + i, 0);
    for (let k = 0; k < slice; k++) {
      const from = updates.shape.length === 0 ? 0 : p * slice + k;
      combineAt(result, updates.dtype, at * slice + k, updates.data[from]!, how);
    }
  }
}

/** Integers in lo..hi. */
export function randomInts(
  rng: Rng,
  shape: readonly number[],
  lo: number,
  hi: number,
  dtypes: readonly DType[] = ['int32', 'int64'],
): TensorSpec {
  const dtype = rng.pick(dtypes);
  const values = Array.from({ length: elementCount(shape) }, () => rng.int(lo, hi));
  const data = dtype === 'int64' ? BigInt64Array.from(values.map(BigInt)) : Int32Array.from(values);
  return { dtype, shape, data, constant: rng.bool(0.3) };
}
