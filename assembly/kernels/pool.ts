// Pooling over NHWC windows; padded taps do not exist, neither in a sum nor in its count. Units: output rows, batch * oh.
// Maximum: one loop for every type. Average: floats are summed and divided; integers are summed in int32 and rounded half away
// from zero, as TFLite's quantized kernels do (in and out share one quantization). L2: sqrt of the mean of squares.

import { clamp, clampx4, storeLanes32 } from '../lib/simd';

// @ts-ignore: decorator
@inline
function firstTap(i: i32): i32 {
  return max(-i, 0);
}

// @ts-ignore: decorator
@inline
function larger<T>(a: v128, b: v128): v128 {
  return isFloat<T>() ? v128.pmax<T>(a, b) : v128.max<T>(a, b);
}

// @ts-ignore: decorator
@inline
function smaller<T>(a: v128, b: v128): v128 {
  return isFloat<T>() ? v128.pmin<T>(a, b) : v128.min<T>(a, b);
}

/** One vector of channels over a window of rows x cols at p. */
// @ts-ignore: decorator
@inline
function maxVector<T>(p: usize, y: usize, rows: i32, cols: i32, row: usize, pixel: usize, lo: T, hi: T): void {
  let best = v128.splat<T>(lo);
  for (let ky = 0; ky < rows; ky++) {
    let q = p;
    for (let kx = 0; kx < cols; kx++) {
      best = larger<T>(best, v128.load(q));
      q += pixel;
    }
    p += row;
  }
  v128.store(y, smaller<T>(best, v128.splat<T>(hi)));
}

/** Four vectors, as the walk over a small window costs more than its maxima. */
// @ts-ignore: decorator
@inline
function maxVectors<T>(p: usize, y: usize, rows: i32, cols: i32, row: usize, pixel: usize, lo: T, hi: T): void {
  let b0 = v128.splat<T>(lo);
  let b1 = b0;
  let b2 = b0;
  let b3 = b0;
  for (let ky = 0; ky < rows; ky++) {
    let q = p;
    for (let kx = 0; kx < cols; kx++) {
      b0 = larger<T>(b0, v128.load(q));
      b1 = larger<T>(b1, v128.load(q, 16));
      b2 = larger<T>(b2, v128.load(q, 32));
      b3 = larger<T>(b3, v128.load(q, 48));
      q += pixel;
    }
    p += row;
  }
  const top = v128.splat<T>(hi);
  v128.store(y, smaller<T>(b0, top));
  v128.store(y, smaller<T>(b1, top), 16);
  v128.store(y, smaller<T>(b2, top), 32);
  v128.store(y, smaller<T>(b3, top), 48);
}

/** y = clamp(max over the window), T any of f32, i8, u8, i16; c channels. Nothing outside x and y is touched. */
// @ts-ignore: decorator
@inline
function maxPool<T>(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: T, hi: T, begin: i32, end: i32,
): void {
  const size = sizeof<T>();
  const pixel = <usize>c * size;
  const row = <usize>iw * pixel;
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const iy = (unit - n * oh) * sh - top;
    const y0 = firstTap(iy);
    const rows = min(kh, ih - iy) - y0;
    const xr = x + <usize>(n * ih + iy + y0) * row;
    for (let ox = 0; ox < ow; ox++) {
      const ix = ox * sw - left;
      const x0 = firstTap(ix);
      const cols = min(kw, iw - ix) - x0;
      const p = xr + <usize>(ix + x0) * pixel;
      let i: usize = 0;
      if (ASC_FEATURE_SIMD) {
        for (; i + 64 <= pixel; i += 64) maxVectors<T>(p + i, y + i, rows, cols, row, pixel, lo, hi);
        for (; i + 16 <= pixel; i += 16) maxVector<T>(p + i, y + i, rows, cols, row, pixel, lo, hi);
        if (i < pixel && pixel >= 16) {
          // The last channels overlap those before them.
          maxVector<T>(p + pixel - 16, y + pixel - 16, rows, cols, row, pixel, lo, hi);
          i = pixel;
        }
      }
      for (; i < pixel; i += size) {
        let best = lo;
        let r = p + i;
        for (let ky = 0; ky < rows; ky++) {
          let q = r;
          for (let kx = 0; kx < cols; kx++) {
            const v = load<T>(q);
            if (best < v) best = v;
            q += pixel;
          }
          r += row;
        }
        store<T>(y + i, hi < best ? hi : best);
      }
      y += pixel;
    }
  }
}

export function f32_maxpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  maxPool<f32>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, lo, hi, begin, end);
}

export function s8_maxpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  maxPool<i8>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, <i8>lo, <i8>hi, begin, end);
}

export function u8_maxpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  maxPool<u8>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, <u8>lo, <u8>hi, begin, end);
}

export function s16_maxpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  maxPool<i16>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, <i16>lo, <i16>hi, begin, end);
}

/** A sum of floats, or of squares, made their mean, or the mean's root, and clamped. */
// @ts-ignore: decorator
@inline
function finishx4(sum: v128, count: v128, square: bool, lo: v128, hi: v128): v128 {
  const mean = f32x4.div(sum, count);
  return clampx4(square ? f32x4.sqrt(mean) : mean, lo, hi);
}

// @ts-ignore: decorator
@inline
function addx4(sum: v128, v: v128, square: bool): v128 {
  return f32x4.add(sum, square ? f32x4.mul(v, v) : v);
}

/** Mean (square = false) or root of the mean square of floats. Reads up to 12 bytes past x. */
// @ts-ignore: decorator
@inline
function meanPool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: f32, hi: f32, square: bool, begin: i32, end: i32,
): void {
  const pixel = <usize>c << 2;
  const row = <usize>iw * pixel;
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const iy = (unit - n * oh) * sh - top;
    const y0 = firstTap(iy);
    const rows = min(kh, ih - iy) - y0;
    const xr = x + <usize>(n * ih + iy + y0) * row;
    for (let ox = 0; ox < ow; ox++) {
      const ix = ox * sw - left;
      const x0 = firstTap(ix);
      const cols = min(kw, iw - ix) - x0;
      const count = <f32>(rows * cols);
      const p = xr + <usize>(ix + x0) * pixel;
      let i: usize = 0;
      if (ASC_FEATURE_SIMD) {
        const counts = f32x4.splat(count);
        const los = f32x4.splat(lo);
        const his = f32x4.splat(hi);
        // Four sums side by side: one alone would wait for each addition.
        for (; i + 64 <= pixel; i += 64) {
          let r = p + i;
          let s0 = f32x4.splat(0);
          let s1 = s0;
          let s2 = s0;
          let s3 = s0;
          for (let ky = 0; ky < rows; ky++) {
            let q = r;
            for (let kx = 0; kx < cols; kx++) {
              s0 = addx4(s0, v128.load(q), square);
              s1 = addx4(s1, v128.load(q, 16), square);
              s2 = addx4(s2, v128.load(q, 32), square);
              s3 = addx4(s3, v128.load(q, 48), square);
              q += pixel;
            }
            r += row;
          }
          v128.store(y + i, finishx4(s0, counts, square, los, his));
          v128.store(y + i, finishx4(s1, counts, square, los, his), 16);
          v128.store(y + i, finishx4(s2, counts, square, los, his), 32);
          v128.store(y + i, finishx4(s3, counts, square, los, his), 48);
        }
        for (; i < pixel; i += 16) {
          let r = p + i;
          let sum = f32x4.splat(0);
          for (let ky = 0; ky < rows; ky++) {
            let q = r;
            for (let kx = 0; kx < cols; kx++) {
              sum = addx4(sum, v128.load(q), square);
              q += pixel;
            }
            r += row;
          }
          const mean = finishx4(sum, counts, square, los, his);
          if (pixel - i < 16) storeLanes32(y + i, mean, <i32>(pixel - i) >> 2);
          else v128.store(y + i, mean);
        }
      } else {
        for (; i < pixel; i += 4) {
          let r = p + i;
          let sum: f32 = 0;
          for (let ky = 0; ky < rows; ky++) {
            let q = r;
            for (let kx = 0; kx < cols; kx++) {
              const v = load<f32>(q);
              sum += square ? v * v : v;
              q += pixel;
            }
            r += row;
          }
          const mean = sum / count;
          store<f32>(y + i, clamp(square ? Mathf.sqrt(mean) : mean, lo, hi));
        }
      }
      y += pixel;
    }
  }
}

export function f32_avgpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  meanPool(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, lo, hi, false, begin, end);
}

export function f32_l2pool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  meanPool(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, lo, hi, true, begin, end);
}

/** sum / count, halves away from zero; exact in float32 while |sum| + count / 2 < 2^24. */
// @ts-ignore: decorator
@inline
function roundedMeanx4(sum: v128, count: v128, half: v128): v128 {
  const sign = i32x4.shr_s(sum, 31);
  const magnitude = i32x4.add(i32x4.abs(sum), half);
  const mean = i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(magnitude), count));
  return i32x4.sub(v128.xor(mean, sign), sign);
}

/** Rounded mean of integers. Sums must stay within 31 bits. */
// @ts-ignore: decorator
@inline
function avgPool<T>(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  const size = sizeof<T>();
  const pixel = <usize>c * size;
  const row = <usize>iw * pixel;
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const iy = (unit - n * oh) * sh - top;
    const y0 = firstTap(iy);
    const rows = min(kh, ih - iy) - y0;
    const xr = x + <usize>(n * ih + iy + y0) * row;
    for (let ox = 0; ox < ow; ox++) {
      const ix = ox * sw - left;
      const x0 = firstTap(ix);
      const cols = min(kw, iw - ix) - x0;
      const count = rows * cols;
      let p = xr + <usize>(ix + x0) * pixel;
      let i = 0;
      if (ASC_FEATURE_SIMD && size == 1 && count < 65536) {
        const vcount = f32x4.splat(<f32>count);
        const half = i32x4.splat(count >> 1);
        for (; i + 8 <= c; i += 8) {
          let a = i32x4.splat(0);
          let b = a;
          let r = p;
          for (let ky = 0; ky < rows; ky++) {
            let q = r;
            for (let kx = 0; kx < cols; kx++) {
              if (isSigned<T>()) {
                const v = v128.load_ext<i8>(q);
                a = i32x4.add(a, i32x4.extend_low_i16x8_s(v));
                b = i32x4.add(b, i32x4.extend_high_i16x8_s(v));
              } else {
                const v = v128.load_ext<u8>(q);
                a = i32x4.add(a, i32x4.extend_low_i16x8_u(v));
                b = i32x4.add(b, i32x4.extend_high_i16x8_u(v));
              }
              q += pixel;
            }
            r += row;
          }
          let m = i16x8.narrow_i32x4_s(roundedMeanx4(a, vcount, half), roundedMeanx4(b, vcount, half));
          m = i16x8.min_s(i16x8.max_s(m, i16x8.splat(<i16>lo)), i16x8.splat(<i16>hi));
          v128.store64_lane(y, isSigned<T>() ? i8x16.narrow_i16x8_s(m, m) : i8x16.narrow_i16x8_u(m, m), 0);
          p += 8;
          y += 8;
        }
      }
      for (; i < c; i++) {
        let sum = 0;
        let r = p;
        for (let ky = 0; ky < rows; ky++) {
          let q = r;
          for (let kx = 0; kx < cols; kx++) {
            sum += <i32>load<T>(q);
            q += pixel;
          }
          r += row;
        }
        const mean = (sum > 0 ? sum + (count >> 1) : sum - (count >> 1)) / count;
        store<T>(y, <T>min(max(mean, lo), hi));
        p += size;
        y += size;
      }
    }
  }
}

export function s8_avgpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  avgPool<i8>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, lo, hi, begin, end);
}

export function u8_avgpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  avgPool<u8>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, lo, hi, begin, end);
}

export function s16_avgpool(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  avgPool<i16>(x, y, ih, iw, c, oh, ow, kh, kw, sh, sw, top, left, lo, hi, begin, end);
}
