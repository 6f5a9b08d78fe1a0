// N-dimensional strided copies: y[i·ys] = x[i·xs] for every point i of a grid, where an element is a run of `run` bytes.
// Strides (bytes) may be negative (REVERSE_V2) or, for x, zero (TILE, fills). Every operator that only moves elements lowers
// to these two families; `bindings/ops/shared/strided-copy.ts` drops and merges axes and chooses. Layout of `axes`:
// lib/axes.ts. Points of y never coincide, and x and y don't overlap.
import { AXIS, N, X, Y, axisField, gridOffset } from '../lib/axes';
import { copyRun } from '../lib/copy';

// @ts-ignore: decorator
@inline
function copyRow<T>(x: usize, y: usize, n: i32, xStride: isize, yStride: isize): void {
  for (let i = 0; i < n; i++) {
    store<T>(y, load<T>(x));
    x += xStride;
    y += yStride;
  }
}

/** `n` runs of `run` bytes. */
// @ts-ignore: decorator
@inline
function copyRuns(x: usize, y: usize, n: i32, run: i32, xStride: isize, yStride: isize): void {
  if (ASC_FEATURE_SIMD) {
    if (run >= 16 && run <= 256) {
      const last = <usize>run - 16;
      for (let c = 0; c < n; c++) {
        for (let i: usize = 0; i < last; i += 16) v128.store(y + i, v128.load(x + i));
        v128.store(y + last, v128.load(x + last));
        x += xStride;
        y += yStride;
      }
      return;
    }
  }
  for (let c = 0; c < n; c++) {
    copyRun(x, y, run);
    x += xStride;
    y += yStride;
  }
}

/** One row of `n` runs of 1, 2, 4, 8 or 16 bytes, all the same. */
function fillRow(x: usize, y: usize, n: i32, run: i32): void {
  const bytes = n * run;
  if (ASC_FEATURE_SIMD) {
    if (bytes >= 16) {
      let v: v128;
      if (run == 1) v = v128.load8_splat(x);
      else if (run == 2) v = v128.load16_splat(x);
      else if (run == 4) v = v128.load32_splat(x);
      else if (run == 8) v = v128.load64_splat(x);
      else v = v128.load(x);
      // Both 16 and the row are multiples of the run, so the overlapping last store is in phase.
      const last = bytes - 16;
      for (let i = 0; i < last; i += 16) v128.store(y + i, v);
      v128.store(y + last, v);
      return;
    }
  }
  for (let i = 0; i < bytes; i += run) copyRun(x, y + i, run);
}

/**
 * The last axis is a row of runs; units are rows. With a single axis, units are runs.
 * @param axes `rank` >= 1 axes
 */
export function xx_strided_copy(x: usize, y: usize, run: i32, axes: usize, rank: i32, begin: i32, end: i32): void {
  const inner = axes + <usize>(rank - 1) * AXIS;
  const xStride = <isize>load<i32>(inner, X);
  const yStride = <isize>load<i32>(inner, Y);
  let columns = load<i32>(inner, N);
  let rows = 1;
  let xRow: isize = 0;
  let yRow: isize = 0;
  if (rank == 1) {
    x += <isize>begin * xStride;
    y += <isize>begin * yStride;
    columns = end - begin;
    begin = 0;
    end = 1;
  } else {
    rows = axisField(axes, rank - 2, N);
    xRow = axisField(axes, rank - 2, X);
    yRow = axisField(axes, rank - 2, Y);
  }
  const splat = xStride == 0 && yStride == <isize>run && run <= 16 && (run & (run - 1)) == 0;
  while (begin < end) {
    const outer = begin / rows;
    const row = begin - outer * rows;
    const count = min(rows - row, end - begin);
    let px = x + gridOffset(axes, rank - 2, outer, X) + <isize>row * xRow;
    let py = y + gridOffset(axes, rank - 2, outer, Y) + <isize>row * yRow;
    for (let r = 0; r < count; r++) {
      if (splat) fillRow(px, py, columns, run);
      else if (run == 1) copyRow<u8>(px, py, columns, xStride, yStride);
      else if (run == 2) copyRow<u16>(px, py, columns, xStride, yStride);
      else if (run == 4) copyRow<u32>(px, py, columns, xStride, yStride);
      else if (run == 8) copyRow<u64>(px, py, columns, xStride, yStride);
      else copyRuns(px, py, columns, run, xStride, yStride);
      px += xRow;
      py += yRow;
    }
    begin += count;
  }
}

/**
 * Rows of bytes through a table of 256: y[r·yStride + c] = table[x[r·columns + c]] (parts of a CONCATENATION that are
 * quantized otherwise than the whole). Units are rows.
 */
export function x8_lut_rows(
  x: usize,
  y: usize,
  table: usize,
  columns: i32,
  yStride: i32,
  begin: i32,
  end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const sx = x + <usize>r * columns;
    const sy = y + <usize>r * yStride;
    for (let c: usize = 0; c < <usize>columns; c++) store<u8>(sy + c, load<u8>(table + <usize>load<u8>(sx + c)));
  }
}
