// Transposes of the two inner axes of a grid (lib/axes.ts): along the second last, elements are adjacent in x; along the
// last, in y. Square tiles of 8×8 bytes, 4×4 halves, 4×4 words: the tile's columns (runs of x) are loaded whole, interleaved
// log2(tile) times, and stored as rows of y. Units are blocks of `tile` rows. The last columns are covered by a tile that
// overlaps its neighbour; rows past the last are computed from over-read input (< 16 bytes) and not stored.
import { AXIS, N, X, Y, gridOffset } from '../lib/axes';

// @ts-ignore: decorator
@inline
function store64(y: usize, v: v128, upper: bool): void {
  if (upper) v128.store64_lane(y, v, 1);
  else v128.store64_lane(y, v, 0);
}

/** Bytes of a and b alternating; lower halves. */
// @ts-ignore: decorator
@inline
function lo8(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function hi8(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** x: 8 columns at stride xs; y: `rows` <= 8 rows at stride ys. */
function tile8(x: usize, y: usize, xs: isize, ys: isize, rows: i32): void {
  const a0 = v128.load64_zero(x);
  const a1 = v128.load64_zero((x += xs));
  const a2 = v128.load64_zero((x += xs));
  const a3 = v128.load64_zero((x += xs));
  const a4 = v128.load64_zero((x += xs));
  const a5 = v128.load64_zero((x += xs));
  const a6 = v128.load64_zero((x += xs));
  const a7 = v128.load64_zero((x += xs));
  const b0 = lo8(a0, a4);
  const b1 = lo8(a1, a5);
  const b2 = lo8(a2, a6);
  const b3 = lo8(a3, a7);
  const c0 = lo8(b0, b2);
  const c1 = hi8(b0, b2);
  const c2 = lo8(b1, b3);
  const c3 = hi8(b1, b3);
  const d0 = lo8(c0, c2);
  store64(y, d0, false);
  if (rows == 1) return;
  store64((y += ys), d0, true);
  if (rows == 2) return;
  const d1 = hi8(c0, c2);
  store64((y += ys), d1, false);
  if (rows == 3) return;
  store64((y += ys), d1, true);
  if (rows == 4) return;
  const d2 = lo8(c1, c3);
  store64((y += ys), d2, false);
  if (rows == 5) return;
  store64((y += ys), d2, true);
  if (rows == 6) return;
  const d3 = hi8(c1, c3);
  store64((y += ys), d3, false);
  if (rows == 7) return;
  store64(y + ys, d3, true);
}

function tile16(x: usize, y: usize, xs: isize, ys: isize, rows: i32): void {
  const a0 = v128.load64_zero(x);
  const a1 = v128.load64_zero((x += xs));
  const a2 = v128.load64_zero((x += xs));
  const a3 = v128.load64_zero(x + xs);
  const b0 = i16x8.shuffle(a0, a2, 0, 8, 1, 9, 2, 10, 3, 11);
  const b1 = i16x8.shuffle(a1, a3, 0, 8, 1, 9, 2, 10, 3, 11);
  const c0 = i16x8.shuffle(b0, b1, 0, 8, 1, 9, 2, 10, 3, 11);
  store64(y, c0, false);
  if (rows == 1) return;
  store64((y += ys), c0, true);
  if (rows == 2) return;
  const c1 = i16x8.shuffle(b0, b1, 4, 12, 5, 13, 6, 14, 7, 15);
  store64((y += ys), c1, false);
  if (rows == 3) return;
  store64(y + ys, c1, true);
}

function tile32(x: usize, y: usize, xs: isize, ys: isize, rows: i32): void {
  const a0 = v128.load(x);
  const a1 = v128.load((x += xs));
  const a2 = v128.load((x += xs));
  const a3 = v128.load(x + xs);
  const b0 = i32x4.shuffle(a0, a2, 0, 4, 1, 5);
  const b1 = i32x4.shuffle(a1, a3, 0, 4, 1, 5);
  v128.store(y, i32x4.shuffle(b0, b1, 0, 4, 1, 5));
  if (rows == 1) return;
  v128.store((y += ys), i32x4.shuffle(b0, b1, 2, 6, 3, 7));
  if (rows == 2) return;
  const b2 = i32x4.shuffle(a0, a2, 2, 6, 3, 7);
  const b3 = i32x4.shuffle(a1, a3, 2, 6, 3, 7);
  v128.store((y += ys), i32x4.shuffle(b2, b3, 0, 4, 1, 5));
  if (rows == 3) return;
  v128.store(y + ys, i32x4.shuffle(b2, b3, 2, 6, 3, 7));
}

// @ts-ignore: decorator
@inline
function transpose<T>(x: usize, y: usize, axes: usize, rank: i32, tile: i32, begin: i32, end: i32): void {
  const inner = axes + <usize>(rank - 2) * AXIS;
  const rows = load<i32>(inner, N);
  const ys = <isize>load<i32>(inner, Y);
  const columns = load<i32>(inner, AXIS + N);
  const xs = <isize>load<i32>(inner, AXIS + X);
  const blocks = (rows + tile - 1) / tile;
  for (let u = begin; u < end; u++) {
    const outer = u / blocks;
    const row = (u - outer * blocks) * tile;
    const count = min(tile, rows - row);
    const px = x + gridOffset(axes, rank - 2, outer, X) + <usize>row * sizeof<T>();
    const py = y + gridOffset(axes, rank - 2, outer, Y) + <isize>row * ys;
    if (ASC_FEATURE_SIMD) {
      if (columns >= tile) {
        for (let c = 0; c < columns; c += tile) {
          c = min(c, columns - tile);
          const sx = px + <isize>c * xs;
          const sy = py + <usize>c * sizeof<T>();
          if (sizeof<T>() == 1) tile8(sx, sy, xs, ys, count);
          else if (sizeof<T>() == 2) tile16(sx, sy, xs, ys, count);
          else tile32(sx, sy, xs, ys, count);
        }
        continue;
      }
    }
    for (let r = 0; r < count; r++) {
      const sx = px + <usize>r * sizeof<T>();
      const sy = py + <isize>r * ys;
      for (let c = 0; c < columns; c++) store<T>(sy + <usize>c * sizeof<T>(), load<T>(sx + <isize>c * xs));
    }
  }
}

/** Bytes; units are blocks of 8 rows. */
export function x8_transpose(x: usize, y: usize, axes: usize, rank: i32, begin: i32, end: i32): void {
  transpose<u8>(x, y, axes, rank, 8, begin, end);
}

/** Two-byte elements; units are blocks of 4 rows. */
export function x16_transpose(x: usize, y: usize, axes: usize, rank: i32, begin: i32, end: i32): void {
  transpose<u16>(x, y, axes, rank, 4, begin, end);
}

/** Four-byte elements; units are blocks of 4 rows. */
export function x32_transpose(x: usize, y: usize, axes: usize, rank: i32, begin: i32, end: i32): void {
  transpose<u32>(x, y, axes, rank, 4, begin, end);
}
