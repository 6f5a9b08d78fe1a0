// Depthwise convolution, float32: y[oy, ox, o] = clamp(bias[o] + sum over taps of x[iy, ix, o / m] * w[ky, kx, o]).
// NHWC; weights [kh, kw, c * m] are used in place (TFLite's own layout). Padded taps are left out, not multiplied by zero.
// Every output adds bias and taps in row-major order, wherever it lies, so results do not depend on the split of rows.
// Inside a row, columns whose taps all exist are done four at a time: the weights are loaded once for four pixels.

import { clamp, clampx4, madd } from '../lib/simd';

/** x for four channels: consecutive ones, or one input channel for all (depth multiplier). */
// @ts-ignore: decorator
@inline
function loadx4(x: usize, splat: bool, offset: usize): v128 {
  return splat ? v128.load32_splat(x) : v128.load(x + offset);
}

/**
 * `n` output channels of four pixels, `step` bytes apart in x and `c * 4` in y (c: output channels). x and w point at the
 * first tap; xRow, xCol, wRow are strides in bytes, the weights of consecutive taps are c * 4 apart.
 */
// @ts-ignore: decorator
@inline
function fourPixels(
  x: usize, w: usize, bias: usize, y: usize, n: i32, c: i32, step: usize, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32, splat: bool,
): void {
  const wCol = <usize>c << 2;
  const vlo = f32x4.splat(lo);
  const vhi = f32x4.splat(hi);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    let a0 = v128.load(bias);
    let b0 = v128.load(bias, 16);
    let a1 = a0, a2 = a0, a3 = a0;
    let b1 = b0, b2 = b0, b3 = b0;
    let xr = x;
    let wr = w;
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
    let t = y;
    v128.store(t, clampx4(a0, vlo, vhi));
    v128.store(t, clampx4(b0, vlo, vhi), 16);
    t += wCol;
    v128.store(t, clampx4(a1, vlo, vhi));
    v128.store(t, clampx4(b1, vlo, vhi), 16);
    t += wCol;
    v128.store(t, clampx4(a2, vlo, vhi));
    v128.store(t, clampx4(b2, vlo, vhi), 16);
    t += wCol;
    v128.store(t, clampx4(a3, vlo, vhi));
    v128.store(t, clampx4(b3, vlo, vhi), 16);
    if (!splat) x += 32;
    w += 32;
    bias += 32;
    y += 32;
  }
  if (i < n) {
    for (let p = 0; p < 4; p++) {
      if (splat) splatPixel(x, w, bias, y, n - i, c, rows, cols, xRow, xCol, wRow, lo, hi);
      else densePixel(x, w, bias, y, n - i, c, rows, cols, xRow, xCol, wRow, lo, hi);
      x += step;
      y += wCol;
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

/** All channels of one or four neighbouring outputs; with a multiplier, each input channel makes m outputs. */
function tile(
  four: bool, x: usize, w: usize, bias: usize, y: usize, c: i32, m: i32, step: usize, rows: i32, cols: i32,
  xRow: usize, xCol: usize, wRow: usize, lo: f32, hi: f32,
): void {
  if (m == 1) {
    if (ASC_FEATURE_SIMD && four) {
      fourPixels(x, w, bias, y, c, c, step, rows, cols, xRow, xCol, wRow, lo, hi, false);
    } else {
      densePixel(x, w, bias, y, c, c, rows, cols, xRow, xCol, wRow, lo, hi);
    }
    return;
  }
  const end = x + (<usize>(c / m) << 2);
  const bytes = <usize>m << 2;
  for (; x < end; x += 4) {
    if (ASC_FEATURE_SIMD && four) {
      fourPixels(x, w, bias, y, m, c, step, rows, cols, xRow, xCol, wRow, lo, hi, true);
    } else {
      splatPixel(x, w, bias, y, m, c, rows, cols, xRow, xCol, wRow, lo, hi);
    }
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
  // Columns whose first and last taps lie inside the input.
  const first = min((left + sw - 1) / sw, ow);
  const room = iw - 1 - (kw - 1) * dw + left;
  const past = room < 0 ? first : max(first, min(room / sw + 1, ow));
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const iy = (unit - n * oh) * sh - top;
    const ky0 = iy < 0 ? (dh - 1 - iy) / dh : 0;
    const ky1 = iy < ih ? min(kh, (ih - 1 - iy) / dh + 1) : 0;
    const rows = max(ky1 - ky0, 0);
    const xr = x + <usize>n * ih * row + <usize>(iy + ky0 * dh) * row;
    const wr = w + <usize>ky0 * wRow;
    let yr = y + <usize>unit * ow * wCol;
    let ox = 0;
    while (ox < ow) {
      if (ox >= first && ox < past) {
        const four = ASC_FEATURE_SIMD && past - first >= 4;
        if (four) {
          // The last tile overlaps its neighbour rather than leaving single pixels.
          const back = max(ox + 4 - past, 0);
          ox -= back;
          yr -= <usize>back * wCol;
        }
        const xp = xr + <usize>(ox * sw - left) * pixel;
        tile(four, xp, wr, bias, yr, c, m, step, rows, kw, xRow, xCol, wRow, lo, hi);
        ox += four ? 4 : 1;
        yr += four ? wCol << 2 : wCol;
      } else {
        const ix = ox * sw - left;
        const kx0 = ix < 0 ? (dw - 1 - ix) / dw : 0;
        const kx1 = ix < iw ? min(kw, (iw - 1 - ix) / dw + 1) : 0;
        const xp = xr + <usize>(ix + kx0 * dw) * pixel;
        const wp = wr + <usize>kx0 * wCol;
        tile(false, xp, wp, bias, yr, c, m, step, rows, max(kx1 - kx0, 0), xRow, xCol, wRow, lo, hi);
        ox++;
        yr += wCol;
      }
    }
  }
}
