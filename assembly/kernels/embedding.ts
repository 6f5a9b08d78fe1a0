// Rows of an embedding table, as floats (EMBEDDING_LOOKUP on quantized tables) and in weighted sums (EMBEDDING_LOOKUP_SPARSE).
// A row that is not in the table ends the call with status 1.
import { floatToHalf } from '../lib/half';

/**
 * y[i] = table[lookup[i]] * scale; units are rows of y.
 * @param table [rows, columns] of signed integers of 8, 4 or 2 `bits`, the lowest of a byte first. As in TFLite's kernel, a row
 *   begins with a byte
 * @param scales f32, one for `block` elements; `scaleStep` apart from row to row: 0 if all rows share one
 * @param size bytes of an output: 4 or 2
 */
export function f32_embedding_lookup(
  lookup: usize,
  table: usize,
  scales: usize,
  scaleStep: i32,
  y: usize,
  rows: i32,
  columns: i32,
  block: i32,
  bits: i32,
  size: i32,
  begin: i32,
  end: i32,
): i32 {
  const unused = 32 - bits;
  const perByte = 8 / bits;
  y += <usize>begin * columns * size;
  for (let i = begin; i < end; i++) {
    const row = load<i32>(lookup + (<usize>i << 2));
    if (<u32>row >= <u32>rows) return 1;
    let s = scales + (<usize>(row * scaleStep) << 2);
    let scale = load<f32>(s);
    let left = block;
    const p = table + (<usize>row * columns) / perByte;
    for (let c = 0; c < columns; c++, left--) {
      if (left == 0) {
        left = block;
        s += 4;
        scale = load<f32>(s);
      }
      const at = c * bits;
      const q = (<i32>load<u8>(p + (at >> 3)) << (unused - (at & 7))) >> unused;
      const real = <f32>q * scale;
      if (size == 4) store<f32>(y, real);
      else store<u16>(y, <u16>floatToHalf(real));
      y += size;
    }
  }
  return 0;
}

/** y[to] /= by. */
function divide(y: usize, n: i32, by: f32): void {
  for (const end = y + (<usize>n << 2); y < end; y += 4) store<f32>(y, load<f32>(y) / by);
}

/**
 * Adds rows of the table, times their weights, to the buckets of y, which is zero before; a single unit. The sum of a bucket is
 * divided when the next element belongs to another one.
 * @param ids, weights [lookups]
 * @param indices [lookups, rank], of which all but the last give the bucket by the dimensions in `shape`
 * @param table [rows, columns]
 * @param y [buckets, columns]; what belongs to none of them is left out
 * @param combiner 1: divide by the sum of the weights; 2: by the root of the sum of their squares
 */
export function f32_embedding_lookup_sparse(
  ids: usize,
  indices: usize,
  shape: usize,
  weights: usize,
  table: usize,
  y: usize,
  lookups: i32,
  rank: i32,
  rows: i32,
  columns: i32,
  buckets: i32,
  combiner: i32,
  begin: i32,
  end: i32,
): i32 {
  if (begin == end) return 0;
  let current = 0;
  let sum: f32 = 0;
  let squares: f32 = 0;
  let elements = 0;
  for (let i = 0; i <= lookups; i++) {
    let bucket = -1;
    if (i < lookups) {
      bucket = 0;
      for (let k = 0; k < rank - 1; k++) {
        bucket = bucket * load<i32>(shape + (<usize>k << 2)) + load<i32>(indices + (<usize>(i * rank + k) << 2));
      }
    }
    if (bucket != current || i == lookups) {
      if (combiner && elements && <u32>current < <u32>buckets) {
        divide(y + (<usize>current * columns << 2), columns, combiner == 1 ? sum : sqrt(squares));
      }
      current = bucket;
      elements = 0;
      sum = 0;
      squares = 0;
      if (i == lookups) break;
    }
    const id = load<i32>(ids + (<usize>i << 2));
    if (<u32>id >= <u32>rows) return 1;
    const w = load<f32>(weights + (<usize>i << 2));
    elements++;
    squares += w * w;
    sum += w;
    if (<u32>bucket >= <u32>buckets) continue;
    const from = table + (<usize>id * columns << 2);
    const to = y + (<usize>bucket * columns << 2);
    for (let k: usize = 0; k < <usize>columns << 2; k += 4) {
      store<f32>(to + k, load<f32>(to + k) + load<f32>(from + k) * w);
    }
  }
  return 0;
}
