// Depthwise convolution, float32: y[oy, ox, o] = clamp(bias[o] + sum over taps of x[iy, ix, o / m] * w[ky, kx, o]).
// NHWC; weights [kh, kw, c * m] are used in place (TFLite's own layout). Padded taps are left out, not multiplied by zero.
// Every output adds bias and taps in row-major order, wherever it lies, so results do not depend on the split of rows.
// Four neighbouring pixels are done at a time: the weights are loaded once for all of them and, where the window is 3 or 5
// wide, each input column too. With a dilation the neighbours are those that share columns. Where the window passes the left
// or right edge, the neighbours are in rows below each other.

import { clamp, clampx4, madd } from '../lib/simd';

/** acc + v * w[k] for the taps k of a row; nothing where there is no such tap. k is a constant. */
// @ts-ignore: decorator
@inline
function tap(kw: i32, k: i32, acc: v128, v: v128, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): v128 {
  if (k < 0 || k >= kw) return acc;
  if (k == 0) return madd(v, w0, acc);
  if (k == 1) return madd(v, w1, acc);
  if (k == 2) return madd(v, w2, acc);
  if (k == 3) return madd(v, w3, acc);
  return madd(v, w4, acc);
}

/**
 * Whether column j of the tile is there: always inside the image, at its edges from `first` until `last`. The needless test of
 * every other column splits the code into blocks: V8 moves all loads of a block to its top, where they would not
 * fit into the registers.
 */
// @ts-ignore: decorator
@inline
function there(kw: i32, s: i32, edge: bool, j: i32, first: i32, last: i32): bool {
  if (j >= 3 * s + kw) return false;
  if (!edge) return j & 1 ? j < last : true;
  return j >= first && j < last;
}

/**
 * All channels of four pixels, for windows 3 or 5 wide (`kw`) with stride `s` of 1 or 2, eight channels at a time:
 * the sums of four would wait for each other.
 * At an `edge`, columns before `first` and from `last` on are missing, and only `count` pixels are stored; elsewhere last is
 * past all columns. The first three arguments are constants. Strides in bytes; xCol leads to the next column, and
 * in y to the next pixel.
 */
// @ts-ignore: decorator
@inline
function slide(
  kw: i32, s: i32, edge: bool, x: usize, w: usize, bias: usize, y: usize, c: i32, rows: i32, xRow: usize,
  xCol: usize, first: i32, last: i32, count: i32, lo: f32, hi: f32,
): void {
  const vlo = f32x4.splat(lo);
  const vhi = f32x4.splat(hi);
  const zero = f32x4.splat(0);
  const wCol = <usize>c << 2;
  const wRow = wCol * kw;
  for (let i = 0; i < c; i += 8) {
    // The last channels overlap those before them.
    const back = <usize>max(i + 8 - c, 0) << 2;
    x -= back;
    w -= back;
    bias -= back;
    y -= back;
    let a0 = v128.load(bias);
    let a1 = a0, a2 = a0, a3 = a0;
    let b0 = v128.load(bias, 16);
    let b1 = b0, b2 = b0, b3 = b0;
    let xr = x;
    let wr = w;
    for (let r = rows; r > 0; r--) {
      let q = wr;
      const w0 = v128.load(q);
      const z0 = v128.load(q, 16);
      q += wCol;
      const w1 = v128.load(q);
      const z1 = v128.load(q, 16);
      q += wCol;
      const w2 = v128.load(q);
      const z2 = v128.load(q, 16);
      const w3 = kw > 3 ? v128.load(q + wCol) : zero;
      const w4 = kw > 3 ? v128.load(q + 2 * wCol) : zero;
      const z3 = kw > 3 ? v128.load(q + wCol, 16) : zero;
      const z4 = kw > 3 ? v128.load(q + 2 * wCol, 16) : zero;
      let p = xr;
      if (there(kw, s, edge, 0, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 0, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 0 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 0 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 0 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 0, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 0 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 0 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 0 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 1, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 1, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 1 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 1 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 1 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 1, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 1 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 1 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 1 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 2, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 2, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 2 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 2 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 2 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 2, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 2 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 2 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 2 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 3, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 3, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 3 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 3 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 3 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 3, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 3 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 3 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 3 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 4, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 4, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 4 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 4 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 4 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 4, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 4 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 4 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 4 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 5, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 5, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 5 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 5 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 5 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 5, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 5 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 5 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 5 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 6, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 6, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 6 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 6 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 6 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 6, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 6 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 6 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 6 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 7, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 7, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 7 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 7 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 7 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 7, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 7 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 7 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 7 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 8, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 8, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 8 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 8 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 8 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 8, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 8 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 8 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 8 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 9, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 9, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 9 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 9 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 9 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 9, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 9 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 9 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 9 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      p += xCol;
      if (there(kw, s, edge, 10, first, last)) {
        const v = v128.load(p);
        a0 = tap(kw, 10, a0, v, w0, w1, w2, w3, w4);
        a1 = tap(kw, 10 - s, a1, v, w0, w1, w2, w3, w4);
        a2 = tap(kw, 10 - 2 * s, a2, v, w0, w1, w2, w3, w4);
        a3 = tap(kw, 10 - 3 * s, a3, v, w0, w1, w2, w3, w4);
        const u = v128.load(p, 16);
        b0 = tap(kw, 10, b0, u, z0, z1, z2, z3, z4);
        b1 = tap(kw, 10 - s, b1, u, z0, z1, z2, z3, z4);
        b2 = tap(kw, 10 - 2 * s, b2, u, z0, z1, z2, z3, z4);
        b3 = tap(kw, 10 - 3 * s, b3, u, z0, z1, z2, z3, z4);
      }
      xr += xRow;
      wr += wRow;
    }
    let t = y;
    v128.store(t, clampx4(a0, vlo, vhi));
    v128.store(t, clampx4(b0, vlo, vhi), 16);
    if (!edge || count > 1) {
      t += xCol;
      v128.store(t, clampx4(a1, vlo, vhi));
      v128.store(t, clampx4(b1, vlo, vhi), 16);
    }
    if (!edge || count > 2) {
      t += xCol;
      v128.store(t, clampx4(a2, vlo, vhi));
      v128.store(t, clampx4(b2, vlo, vhi), 16);
    }
    if (!edge || count > 3) {
      t += xCol;
      v128.store(t, clampx4(a3, vlo, vhi));
      v128.store(t, clampx4(b3, vlo, vhi), 16);
    }
    x += 32;
    w += 32;
    bias += 32;
    y += 32;
  }
}

/**
 * One output row, for each phase of the dilation in tiles of four pixels. x points at the first existing row of the window, in
 * column 0 of the image; kw and s are constants.
 */
// @ts-ignore: decorator
@inline
function slideRow(
  kw: i32, s: i32, x: usize, w: usize, bias: usize, y: usize, iw: i32, c: i32, ow: i32, dw: i32, left: i32, rows: i32,
  xRow: usize, lo: f32, hi: f32,
): void {
  const pixel = <usize>c << 2;
  const xCol = <usize>dw * pixel;
  const columns = 3 * s + kw;
  for (let phase = 0; phase < min(dw, ow); phase++) {
    const total = (ow - phase + dw - 1) / dw;
    for (let t = 0; t < total; t += 4) {
      // The last tile overlaps its neighbour.
      t = max(min(t, total - 4), 0);
      const ox = phase + t * dw;
      const ix = ox * s - left;
      const first = ix < 0 ? (dw - 1 - ix) / dw : 0;
      const last = ix < iw ? (iw - 1 - ix) / dw + 1 : 0;
      const xp = x + <usize>ix * pixel;
      const yp = y + <usize>ox * pixel;
      if (first > 0 || last < columns || total < 4) {
        slide(kw, s, true, xp, w, bias, yp, c, rows, xRow, xCol, first, last, total - t, lo, hi);
      } else {
        slide(kw, s, false, xp, w, bias, yp, c, rows, xRow, xCol, first, last, 4, lo, hi);
      }
    }
  }
}

function slideRow3x1(
  x: usize, w: usize, bias: usize, y: usize, iw: i32, c: i32, ow: i32, dw: i32, left: i32, rows: i32, xRow: usize,
  lo: f32, hi: f32,
): void {
  slideRow(3, 1, x, w, bias, y, iw, c, ow, dw, left, rows, xRow, lo, hi);
}

function slideRow3x2(
  x: usize, w: usize, bias: usize, y: usize, iw: i32, c: i32, ow: i32, dw: i32, left: i32, rows: i32, xRow: usize,
  lo: f32, hi: f32,
): void {
  slideRow(3, 2, x, w, bias, y, iw, c, ow, dw, left, rows, xRow, lo, hi);
}

function slideRow5x1(
  x: usize, w: usize, bias: usize, y: usize, iw: i32, c: i32, ow: i32, dw: i32, left: i32, rows: i32, xRow: usize,
  lo: f32, hi: f32,
): void {
  slideRow(5, 1, x, w, bias, y, iw, c, ow, dw, left, rows, xRow, lo, hi);
}

function slideRow5x2(
  x: usize, w: usize, bias: usize, y: usize, iw: i32, c: i32, ow: i32, dw: i32, left: i32, rows: i32, xRow: usize,
  lo: f32, hi: f32,
): void {
  slideRow(5, 2, x, w, bias, y, iw, c, ow, dw, left, rows, xRow, lo, hi);
}

/** x for four channels: consecutive ones, or one input channel for all (depth multiplier). */
// @ts-ignore: decorator
@inline
function loadx4(x: usize, splat: bool, offset: usize): v128 {
  return splat ? v128.load32_splat(x) : v128.load(x + offset);
}

/**
 * `n` output channels (of c) of `count` pixels, at least four, `step` bytes apart in x and `yStep` in y. x and w point at the
 * first tap; xRow, xCol, wRow are strides in bytes, the weights of consecutive taps are c * 4 apart.
 */
// @ts-ignore: decorator
@inline
function fours(
  count: i32, x: usize, w: usize, bias: usize, y: usize, n: i32, c: i32, step: usize, yStep: usize, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32, splat: bool,
): void {
  const wCol = <usize>c << 2;
  const vlo = f32x4.splat(lo);
  const vhi = f32x4.splat(hi);
  for (let pixel = 0; pixel < count; pixel += 4) {
    // The last tile overlaps its neighbour rather than leaving single pixels.
    pixel = min(pixel, count - 4);
    let xi = x + <usize>pixel * step;
    let yi = y + <usize>pixel * yStep;
    let i: usize = 0;
    for (const whole = <usize>(n & ~7) << 2; i < whole; i += 32) {
      let a0 = v128.load(bias + i);
      let b0 = v128.load(bias + i, 16);
      let a1 = a0, a2 = a0, a3 = a0;
      let b1 = b0, b2 = b0, b3 = b0;
      let xr = xi;
      let wr = w + i;
      for (let ky = 0; ky < rows; ky++) {
        let p0 = xr;
        let p1 = xr + step;
        let p2 = p1 + step;
        let p3 = p2 + step;
        let q = wr;
        for (let kx = 0; kx < cols; kx++) {
          const wa = v128.load(q);
          const wb = v128.load(q, 16);
          a0 = madd(loadx4(p0, splat, 0), wa, a0);
          b0 = madd(loadx4(p0, splat, 16), wb, b0);
          a1 = madd(loadx4(p1, splat, 0), wa, a1);
          b1 = madd(loadx4(p1, splat, 16), wb, b1);
          a2 = madd(loadx4(p2, splat, 0), wa, a2);
          b2 = madd(loadx4(p2, splat, 16), wb, b2);
          a3 = madd(loadx4(p3, splat, 0), wa, a3);
          b3 = madd(loadx4(p3, splat, 16), wb, b3);
          p0 += xCol;
          p1 += xCol;
          p2 += xCol;
          p3 += xCol;
          q += wCol;
        }
        xr += xRow;
        wr += wRow;
      }
      let t = yi;
      v128.store(t, clampx4(a0, vlo, vhi));
      v128.store(t, clampx4(b0, vlo, vhi), 16);
      t += yStep;
      v128.store(t, clampx4(a1, vlo, vhi));
      v128.store(t, clampx4(b1, vlo, vhi), 16);
      t += yStep;
      v128.store(t, clampx4(a2, vlo, vhi));
      v128.store(t, clampx4(b2, vlo, vhi), 16);
      t += yStep;
      v128.store(t, clampx4(a3, vlo, vhi));
      v128.store(t, clampx4(b3, vlo, vhi), 16);
      if (!splat) xi += 32;
      yi += 32;
    }
    if (n & 7) {
      for (let p = 0; p < 4; p++) {
        if (splat) splatPixel(xi, w + i, bias + i, yi, n & 7, c, rows, cols, xRow, xCol, wRow, lo, hi);
        else densePixel(xi, w + i, bias + i, yi, n & 7, c, rows, cols, xRow, xCol, wRow, lo, hi);
        xi += step;
        yi += yStep;
      }
    }
  }
}

/** `n` output channels of one pixel; arguments as for fourPixels. */
// @ts-ignore: decorator
@inline
function onePixel(
  x: usize, w: usize, bias: usize, y: usize, n: i32, c: i32, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32, splat: bool,
): void {
  const wCol = <usize>c << 2;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const vlo = f32x4.splat(lo);
    const vhi = f32x4.splat(hi);
    for (; i + 4 <= n; i += 4) {
      let a = v128.load(bias);
      let xr = x;
      let wr = w;
      for (let ky = 0; ky < rows; ky++) {
        let p = xr;
        let q = wr;
        for (let kx = 0; kx < cols; kx++) {
          a = madd(loadx4(p, splat, 0), v128.load(q), a);
          p += xCol;
          q += wCol;
        }
        xr += xRow;
        wr += wRow;
      }
      v128.store(y, clampx4(a, vlo, vhi));
      if (!splat) x += 16;
      w += 16;
      bias += 16;
      y += 16;
    }
  }
  for (; i < n; i++) {
    let a = load<f32>(bias);
    let xr = x;
    let wr = w;
    for (let ky = 0; ky < rows; ky++) {
      let p = xr;
      let q = wr;
      for (let kx = 0; kx < cols; kx++) {
        a += load<f32>(p) * load<f32>(q);
        p += xCol;
        q += wCol;
      }
      xr += xRow;
      wr += wRow;
    }
    store<f32>(y, clamp(a, lo, hi));
    if (!splat) x += 4;
    w += 4;
    bias += 4;
    y += 4;
  }
}

function densePixel(
  x: usize, w: usize, bias: usize, y: usize, n: i32, c: i32, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32,
): void {
  onePixel(x, w, bias, y, n, c, rows, cols, xRow, xCol, wRow, lo, hi, false);
}

function splatPixel(
  x: usize, w: usize, bias: usize, y: usize, n: i32, c: i32, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32,
): void {
  onePixel(x, w, bias, y, n, c, rows, cols, xRow, xCol, wRow, lo, hi, true);
}

/** All channels of one pixel or of four and more, in a row or below each other; with a multiplier, each input channel makes m outputs. */
function pixels(
  count: i32, x: usize, w: usize, bias: usize, y: usize, c: i32, m: i32, step: usize, yStep: usize, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32,
): void {
  const many = ASC_FEATURE_SIMD && count > 1;
  if (m == 1) {
    if (many) fours(count, x, w, bias, y, c, c, step, yStep, rows, cols, xRow, xCol, wRow, lo, hi, false);
    else densePixel(x, w, bias, y, c, c, rows, cols, xRow, xCol, wRow, lo, hi);
    return;
  }
  const end = x + (<usize>(c / m) << 2);
  const bytes = <usize>m << 2;
  for (; x < end; x += 4) {
    if (many) fours(count, x, w, bias, y, m, c, step, yStep, rows, cols, xRow, xCol, wRow, lo, hi, true);
    else splatPixel(x, w, bias, y, m, c, rows, cols, xRow, xCol, wRow, lo, hi);
    w += bytes;
    bias += bytes;
    y += bytes;
  }
}

/**
 * Units: output rows, batch * oh. x [n, ih, iw, c / m], w [kh, kw, c], bias [c], y [n, oh, ow, c]; m is the depth multiplier,
 * (sh, sw) strides, (dh, dw) dilations, (top, left) leading padding. Reads up to 12 bytes past x, w and bias.
 */
export function f32_dwconv(
  x: usize, w: usize, bias: usize, y: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  const pixel = <usize>(c / m) << 2;
  const row = <usize>iw * pixel;
  const xRow = <usize>dh * row;
  const xCol = <usize>dw * pixel;
  const wCol = <usize>c << 2;
  const wRow = <usize>kw * wCol;
  const step = <usize>sw * pixel;
  const yRow = <usize>ow * wCol;
  // Columns and rows whose first and last taps lie inside the input.
  let first = min((left + sw - 1) / sw, ow);
  const room = iw - 1 - (kw - 1) * dw + left;
  let past = room < 0 ? first : max(first, min(room / sw + 1, ow));
  const height = ih - 1 - (kh - 1) * dh + top;
  const bottom = height < 0 ? 0 : min(height / sh + 1, oh);
  if (!ASC_FEATURE_SIMD || past - first < 4) first = past = ow;
  // Rows whose other columns are done.
  let done = begin;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const oy = unit - n * oh;
    const iy = oy * sh - top;
    const ky0 = iy < 0 ? (dh - 1 - iy) / dh : 0;
    const ky1 = iy < ih ? min(kh, (ih - 1 - iy) / dh + 1) : 0;
    const rows = max(ky1 - ky0, 0);
    const xr = x + <usize>n * ih * row + <usize>(iy + ky0 * dh) * row;
    const wr = w + <usize>ky0 * wRow;
    const yr = y + <usize>unit * yRow;
    if (ASC_FEATURE_SIMD) {
      if (m == 1 && c >= 8 && (sw == 1 || (sw == 2 && dw == 1)) && (kw == 3 || kw == 5)) {
        if (kw == 3) {
          if (sw == 1) slideRow3x1(xr, wr, bias, yr, iw, c, ow, dw, left, rows, xRow, lo, hi);
          else slideRow3x2(xr, wr, bias, yr, iw, c, ow, dw, left, rows, xRow, lo, hi);
        } else {
          if (sw == 1) slideRow5x1(xr, wr, bias, yr, iw, c, ow, dw, left, rows, xRow, lo, hi);
          else slideRow5x2(xr, wr, bias, yr, iw, c, ow, dw, left, rows, xRow, lo, hi);
        }
        continue;
      }
    }
    if (first < past) {
      const xp = xr + <usize>(first * sw - left) * pixel;
      const yp = yr + <usize>first * wCol;
      pixels(past - first, xp, wr, bias, yp, c, m, step, wCol, rows, kw, xRow, xCol, wRow, lo, hi);
    }
    if (unit < done) continue;
    // What is above or below the input differs from row to row.
    const below = ASC_FEATURE_SIMD && iy >= 0 ? min(end - unit, bottom - oy) : 0;
    const count = below < 4 ? 1 : below;
    for (let ox = first > 0 ? 0 : past; ox < ow; ox = ox + 1 == first ? past : ox + 1) {
      const ix = ox * sw - left;
      const kx0 = ix < 0 ? (dw - 1 - ix) / dw : 0;
      const kx1 = ix < iw ? min(kw, (iw - 1 - ix) / dw + 1) : 0;
      const xp = xr + <usize>(ix + kx0 * dw) * pixel;
      const wp = wr + <usize>kx0 * wCol;
      const yp = yr + <usize>ox * wCol;
      const cols = max(kx1 - kx0, 0);
      pixels(count, xp, wp, bias, yp, c, m, <usize>sh * row, yRow, rows, cols, xRow, xCol, wRow, lo, hi);
    }
    done = unit + count;
  }
}
