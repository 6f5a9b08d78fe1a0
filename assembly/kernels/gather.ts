// GATHER, GATHER_ND, ONE_HOT and kin: moves steered by an index tensor (elements of 2, 4 or 8 bytes, signed). An element is a
// run of `run` bytes. Indices come from data, so the kernels check them: out of range ends the call with status 1, and nothing
// outside of x is read.
import { copyRun } from '../lib/copy';

// @ts-ignore: decorator
@inline
function loadIndex(indices: usize, i: i32, size: i32): i64 {
  const p = indices + <usize>i * size;
  return size == 4 ? <i64>load<i32>(p) : size == 8 ? load<i64>(p) : <i64>load<i16>(p);
}

/**
 * y[b, o, i] = x[b, o, indices[b, i]]; units are the runs of y.
 * @param x [batches, outer, n] runs
 * @param indices [batches, count]
 * @param y [batches, outer, count] runs
 */
export function xx_gather(
  x: usize,
  indices: usize,
  y: usize,
  run: i32,
  indexSize: i32,
  outer: i32,
  n: i32,
  count: i32,
  begin: i32,
  end: i32,
): i32 {
  y += <usize>begin * run;
  for (let u = begin; u < end; u++) {
    const slice = u / count;
    const i = loadIndex(indices, (slice / outer) * count + (u - slice * count), indexSize);
    if (<u64>i >= <u64>n) return 1;
    copyRun(x + (<usize>slice * n + <usize>i) * run, y, run);
    y += run;
  }
  return 0;
}

/**
 * y[i] = x[indices[i, 0], …, indices[i, depth - 1]]; units are the runs of y.
 * @param dims `depth` i32: the indexed dimensions of x
 * @param indices [units, depth]
 */
export function xx_gather_nd(
  x: usize,
  indices: usize,
  y: usize,
  run: i32,
  indexSize: i32,
  dims: usize,
  depth: i32,
  begin: i32,
  end: i32,
): i32 {
  y += <usize>begin * run;
  for (let u = begin; u < end; u++) {
    let at: usize = 0;
    for (let d = 0; d < depth; d++) {
      const n = load<i32>(dims + (<usize>d << 2));
      const i = loadIndex(indices, u * depth + d, indexSize);
      if (<u64>i >= <u64>n) return 1;
      at = at * n + <usize>i;
    }
    copyRun(x + at * run, y, run);
    y += run;
  }
  return 0;
}

/**
 * Writes `on` to y[p, indices[p, s], s] where the index is in 0..depth-1; y is filled with the off value before.
 * Units are indices.
 * @param indices [units / inner, inner]
 * @param y [units / inner, depth, inner] runs
 * @param on one run
 */
export function xx_one_hot(
  indices: usize,
  on: usize,
  y: usize,
  run: i32,
  indexSize: i32,
  depth: i32,
  inner: i32,
  begin: i32,
  end: i32,
): void {
  for (let u = begin; u < end; u++) {
    const i = loadIndex(indices, u, indexSize);
    if (<u64>i >= <u64>depth) continue;
    const outer = u / inner;
    copyRun(on, y + <usize>((outer * depth + <i32>i) * inner + (u - outer * inner)) * run, run);
  }
}

/**
 * The first lengths[b] elements of a sequence in reverse, the others as they are; units are the runs of y.
 * @param n elements of a sequence, `step` runs apart
 * @param batches lengths; positions along that dimension are `batchStep` runs apart
 */
export function xx_reverse_sequence(
  x: usize,
  lengths: usize,
  y: usize,
  run: i32,
  indexSize: i32,
  n: i32,
  step: i32,
  batches: i32,
  batchStep: i32,
  begin: i32,
  end: i32,
): i32 {
  for (let u = begin; u < end; u++) {
    const i = (u / step) % n;
    const length = loadIndex(lengths, (u / batchStep) % batches, indexSize);
    if (length > <i64>n) return 1;
    const from = <i64>i < length ? u + (<i32>length - 1 - 2 * i) * step : u;
    copyRun(x + <usize>from * run, y + <usize>u * run, run);
  }
  return 0;
}

/**
 * y[i] = values[k] where keys[k] is wanted[i], found by bisection, and hits[i] = 1; zeros where it is not.
 * @param values `count` runs
 */
export function xx_hashtable_lookup(
  wanted: usize,
  keys: usize,
  values: usize,
  y: usize,
  hits: usize,
  run: i32,
  count: i32,
  begin: i32,
  end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const key = load<i32>(wanted + (<usize>i << 2));
    const to = y + <usize>i * run;
    let low = 0;
    let high = count;
    let hit = false;
    while (low < high && !hit) {
      const k = (low + high) >>> 1;
      const found = load<i32>(keys + (<usize>k << 2));
      if (found == key) {
        copyRun(values + <usize>k * run, to, run);
        hit = true;
      } else if (found > key) {
        high = k;
      } else {
        low = k + 1;
      }
    }
    if (!hit) memory.fill(to, 0, run);
    store<u8>(hits + i, u8(hit));
  }
}
