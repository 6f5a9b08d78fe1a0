// Pooling over NHWC windows; padded taps do not exist, neither in a sum nor in its count. Units: output rows, batch * oh.
// Maximum: one loop for every type. Average: floats are summed and divided; integers are summed in int32 and rounded half away
// from zero, as TFLite's quantized kernels do (in and out share one quantization). L2: sqrt of the mean of squares.

import { clamp, clampx4, storeLanes32 } from '../lib/simd';

// @ts-ignore: decorator
@inline
function firstTap(i: i32): i32 {
  return max(-i, 0);
}

/** y = clamp(max over the window), T any of f32, i8, u8, i16; c channels. Nothing outside x and y is touched. */
// @ts-ignore: decorator
@inline
function maxPool<T>(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: T, hi: T, begin: i32, end: i32,
): void {
  const size = sizeof<T>();
  const lanes = 16 / <i32>size;
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
      let p = xr + <usize>(ix + x0) * pixel;
      let i = 0;
      if (ASC_FEATURE_SIMD) {
        for (; i + lanes <= c; i += lanes) {
          let best = v128.splat<T>(lo);
          let r = p;
          for (let ky = 0; ky < rows; ky++) {
            let q = r;
            for (let kx = 0; kx < cols; kx++) {
              best = isFloat<T>() ? v128.pmax<T>(best, v128.load(q)) : v128.max<T>(best, v128.load(q));
              q += pixel;
            }
            r += row;
          }
          const top = v128.splat<T>(hi);
          v128.store(y, isFloat<T>() ? v128.pmin<T>(best, top) : v128.min<T>(best, top));
          p += 16;
          y += 16;
        }
      }
      for (; i < c; i++) {
        let best = lo;
        let r = p;
        for (let ky = 0; ky < rows; ky++) {
          let q = r;
          for (let kx = 0; kx < cols; kx++) {
            const v = load<T>(q);
            if (best < v) best = v;
            q += pixel;
          }
          r += row;
        }
        store<T>(y, hi < best ? hi : best);
        p += size;
        y += size;
      }
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
      let p = xr + <usize>(ix + x0) * pixel;
      for (let i = 0; i < c; i += ASC_FEATURE_SIMD ? 4 : 1) {
        let r = p;
        if (ASC_FEATURE_SIMD) {
          let sum = f32x4.splat(0);
          for (let ky = 0; ky < rows; ky++) {
            let q = r;
            for (let kx = 0; kx < cols; kx++) {
              const v = v128.load(q);
              sum = f32x4.add(sum, square ? f32x4.mul(v, v) : v);
              q += pixel;
            }
            r += row;
          }
          let mean = f32x4.div(sum, f32x4.splat(count));
          if (square) mean = f32x4.sqrt(mean);
          mean = clampx4(mean, f32x4.splat(lo), f32x4.splat(hi));
          if (c - i < 4) {
            storeLanes32(y, mean, c - i);
            y += <usize>(c - i) << 2;
          } else {
            v128.store(y, mean);
            y += 16;
          }
          p += 16;
        } else {
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
          store<f32>(y, clamp(square ? Mathf.sqrt(mean) : mean, lo, hi));
          p += 4;
          y += 4;
        }
      }
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
