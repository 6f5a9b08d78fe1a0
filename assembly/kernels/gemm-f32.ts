// Float matrix products: y = clamp(a w + bias), with packed weights (layout: lib/gemm-f32.ts) or rows in place.
import { gemmF32 } from '../lib/gemm-f32';
import { clamp, clampx4, floatLaneSums, madd, storeBytes } from '../lib/simd';

/**
 * Packs weights for f32_gemm and f32_conv2d. Units are panels of 16 columns.
 * @param w element (n, k) at n * nStride + k * kStride; TFLite's [n, k] rows have nStride = k, kStride = 1
 * @param bias [n], or 0 for none
 */
export function f32_gemm_pack(
  k: i32,
  n: i32,
  w: usize,
  nStride: i32,
  kStride: i32,
  bias: usize,
  y: usize,
  begin: i32,
  end: i32,
): void {
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 4;
    const width = n - first > 8 ? 16 : 8;
    const columns = min(n - first, width);
    let t = y + (<usize>((k + 1) * first) << 2);
    const step = <usize>width << 2;
    memory.fill(t, 0, <usize>(k + 1) * step);
    let whole = 0;
    if (ASC_FEATURE_SIMD) {
      // Columns side by side: copy rows.
      if (nStride == 1 && columns == 16) {
        let s = w + (<usize>first << 2);
        let d = t + step;
        for (; whole < k; whole++, s += <usize>kStride << 2, d += 64) {
          v128.store(d, v128.load(s));
          v128.store(d, v128.load(s, 16), 16);
          v128.store(d, v128.load(s, 32), 32);
          v128.store(d, v128.load(s, 48), 48);
        }
      }
    }
    for (let j = 0; j < columns; j++, t += 4) {
      if (bias) store<f32>(t, load<f32>(bias + (<usize>(first + j) << 2)));
      let s = w + (<usize>((first + j) * nStride) << 2);
      let d = t + step;
      let i = whole;
      if (ASC_FEATURE_SIMD) {
        if (kStride == 1) {
          for (; i + 4 <= k; i += 4, s += 16) {
            const v = v128.load(s);
            v128.store32_lane(d, v, 0);
            v128.store32_lane(d + step, v, 1);
            v128.store32_lane(d + 2 * step, v, 2);
            v128.store32_lane(d + 3 * step, v, 3);
            d += 4 * step;
          }
        }
      }
      for (; i < k; i++, s += <usize>kStride << 2, d += step) store<f32>(d, load<f32>(s));
    }
  }
}

/**
 * y[m, n] = clamp(a[m, k] * w + bias). Units are rows.
 * @param w packed by f32_gemm_pack
 */
export function f32_gemm(
  n: i32,
  k: i32,
  a: usize,
  aStride: i32,
  w: usize,
  y: usize,
  yStride: i32,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  // As many rows at a time as stay in cache while the panels of weights pass by.
  const block = max(24, 32768 / max(k, 1) / 12 * 12);
  const as: usize = <usize>aStride << 2;
  const ys: usize = <usize>yStride << 2;
  for (let i = begin; i < end; i += block) {
    gemmF32(min(block, end - i), n, k, a + <usize>i * as, as, w, y + <usize>i * ys, ys, lo, hi);
  }
}

/**
 * y[m, n] = clamp(a[m, k] * w[n, k] + bias) for few rows: bound by reading the weights, so they stay as they are.
 * Units are columns.
 * @param bias [n], or 0 for none
 */
export function f32_gemv(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  w: usize,
  bias: usize,
  y: usize,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const rowBytes = <usize>k << 2;
  for (let j = begin; j < end; j += 4) {
    const columns = min(4, end - j);
    const w0 = w + <usize>j * rowBytes;
    const b = bias ? bias + (<usize>j << 2) : 0;
    for (let i = 0; i < m; i++) {
      const x = a + <usize>i * rowBytes;
      const t = y + (<usize>(i * n + j) << 2);
      if (ASC_FEATURE_SIMD) {
        // A missing column repeats the one before it.
        const w1 = columns > 1 ? w0 + rowBytes : w0;
        const w2 = columns > 2 ? w1 + rowBytes : w1;
        const w3 = columns > 3 ? w2 + rowBytes : w2;
        let sums = dotx4(k, x, w0, w1, w2, w3);
        if (b) sums = f32x4.add(sums, v128.load(b));
        storeBytes(t, clampx4(sums, f32x4.splat(lo), f32x4.splat(hi)), columns << 2);
      } else {
        for (let c = 0; c < columns; c++) {
          let sum: f32 = 0;
          for (let p: usize = 0; p < rowBytes; p += 4) sum += load<f32>(x + p) * load<f32>(w0 + <usize>c * rowBytes + p);
          if (b) sum += load<f32>(b + (<usize>c << 2));
          store<f32>(t + (<usize>c << 2), clamp(sum, lo, hi));
        }
      }
    }
  }
}

/** Dot products of x[k] with four rows. */
// @ts-ignore: decorator
@inline
function dotx4(k: i32, x: usize, w0: usize, w1: usize, w2: usize, w3: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let r0 = s0;
  let r1 = s0;
  let r2 = s0;
  let r3 = s0;
  let p: usize = 0;
  // Two sums a row, in turn, for one alone would wait for each addition. The test between them keeps V8 from loading for both.
  for (const whole = <usize>(k & ~3) << 2; p < whole; p += 16) {
    const v = v128.load(x + p);
    s0 = madd(v, v128.load(w0 + p), s0);
    s1 = madd(v, v128.load(w1 + p), s1);
    s2 = madd(v, v128.load(w2 + p), s2);
    s3 = madd(v, v128.load(w3 + p), s3);
    p += 16;
    if (p >= whole) break;
    const u = v128.load(x + p);
    r0 = madd(u, v128.load(w0 + p), r0);
    r1 = madd(u, v128.load(w1 + p), r1);
    r2 = madd(u, v128.load(w2 + p), r2);
    r3 = madd(u, v128.load(w3 + p), r3);
  }
  s0 = f32x4.add(s0, r0);
  s1 = f32x4.add(s1, r1);
  s2 = f32x4.add(s2, r2);
  s3 = f32x4.add(s3, r3);
  if (k & 3) {
    // Reads past the rows: what lies there is masked on both sides, as it may be NaN.
    const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(k & 3));
    const v = v128.and(v128.load(x + p), mask);
    s0 = madd(v, v128.and(v128.load(w0 + p), mask), s0);
    s1 = madd(v, v128.and(v128.load(w1 + p), mask), s1);
    s2 = madd(v, v128.and(v128.load(w2 + p), mask), s2);
    s3 = madd(v, v128.and(v128.load(w3 + p), mask), s3);
  }
  return floatLaneSums(s0, s1, s2, s3);
}
