// The quantized matrix product: acc[m, n] = bias[n] + sum over k of a[m, k] * w[k, n], then an epilogue.
// `a` and `w` are int16 less their zero points, whatever they were before, in pairs along k as dot_i16x8 takes them.
// Packed weights: panels of 16 columns, each [16] int32 bias then [pairs, 16, 2] int16; where 1..8 columns remain, the
// last panel is 8 wide. Columns beyond n, and the second of an odd last pair, are zero.
// Large matrices stay bytes, as in the file, at half the memory: panels of int32 bias [16], the zero point 8 times as int16, then
// [pairs, 16, 2] bytes, each widened once for all rows at hand, which takes a fraction of the product.
// Tiles are 2 x 16 and 4 x 8. A missing row of a tile repeats the row before it, and is stored to the same place.
import {
  EXACT_RIGHT,
  FAST_SMALL,
  groupBytes,
  isFast,
  narrow,
  narrowBytes,
  narrowx8,
  ONCE,
  ONCE_RIGHT,
  ONCE_SMALL,
  onceScalex4,
  requantize,
  requantizeExactRightx4,
  requantizeExactx4,
  requantizeFastx4,
  requantizeOnceRightx4,
  requantizeOnceSmallx4,
  requantizeOncex4,
  requantizeSmallx8,
} from './requantize';
import { clamp, clampx4, storeBytes } from './simd';

/**
 * Epilogue mode beside those of lib/requantize (bytes out): y = clamp(acc * row scale * channel scale + bias) in float.
 * Its parameter block holds groups of four channels { scale[4], bias[4]: f32 }, its output block lo and hi (f32x4).
 */
export const FLOAT: i32 = 5;
/** The sums themselves, as int32. */
export const SUMS: i32 = 6;

/** Bytes of an output element. */
// @ts-ignore: decorator
@inline
export function outputBytes(mode: i32): i32 {
  return mode >= FLOAT ? 4 : 1;
}

/** Bytes of a group of four channels in the parameter block. */
// @ts-ignore: decorator
@inline
export function parameterBytes(mode: i32): i32 {
  return mode >= FLOAT ? 32 : groupBytes(mode);
}

/** Bytes that the packed form of [k, n] weights takes. */
// @ts-ignore: decorator
@inline
export function packedBytesQs8(k: i32, n: i32): i32 {
  return (((k + 1) >> 1) + 1) * ((n + 7) & ~7) * 4;
}

/** Bytes that narrow panels of [k, n] weights take, or may take. */
// @ts-ignore: decorator
@inline
export function narrowBytesQs8(k: i32, n: i32): i32 {
  return (((k + 1) & ~1) + 6) * ((n + 7) & ~7);
}

/** Bytes of a narrow panel of 8 or 16 columns. */
// @ts-ignore: decorator
@inline
export function narrowPanelBytes(pairs: i32, width: i32): usize {
  return <usize>(width * (2 * pairs + 4) + 16);
}

/** A narrow panel as the others are. */
function widenPanel(width: i32, pairs: i32, w: usize, y: usize): void {
  memory.copy(y, w, <usize>width << 2);
  y += <usize>width << 2;
  w += <usize>width << 2;
  const zeroPoint = load<i16>(w);
  w += 16;
  const end = w + <usize>(2 * pairs * width);
  if (ASC_FEATURE_SIMD) {
    if (zeroPoint) {
      const z = i16x8.splat(zeroPoint);
      for (; w < end; w += 16, y += 32) {
        v128.store(y, i16x8.sub(v128.load8x8_s(w), z));
        v128.store(y, i16x8.sub(v128.load8x8_s(w, 8), z), 16);
      }
    } else {
      for (; w < end; w += 16, y += 32) {
        v128.store(y, v128.load8x8_s(w));
        v128.store(y, v128.load8x8_s(w, 8), 16);
      }
    }
  } else {
    for (; w < end; w++, y += 2) store<i16>(y, load<i8>(w) - zeroPoint);
  }
}

/** Bytes of a row of `a`. */
// @ts-ignore: decorator
@inline
export function rowBytesQs8(k: i32): i32 {
  return ((k + 1) & ~1) << 1;
}

/**
 * Strides in bytes; `a` has rows of rowBytesQs8(k).
 * @param panel 0, or scratch for one panel where those of `w` are narrow: (k + 1) / 2 * 64 + 64 bytes
 * @param q parameter block, and `output` the output block, of `mode`
 * @param scales FLOAT: scale of row i at scales + i * scaleStride
 */
export function gemmQs8(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  w: usize,
  panel: usize,
  y: usize,
  yStride: usize,
  q: usize,
  mode: i32,
  output: usize,
  scales: usize,
  scaleStride: usize,
): void {
  const pairs = (k + 1) >> 1;
  const aStride = <usize>pairs << 2;
  const group = <usize>parameterBytes(mode);
  const column = <usize>outputBytes(mode);
  for (; n > 8; n -= 16) {
    if (panel) widenPanel(16, pairs, w, panel);
    const p = panel ? panel : w;
    if (ASC_FEATURE_SIMD) panel16(m, min(n, 16), pairs, a, aStride, p, y, yStride, q, group, mode, output, scales, scaleStride);
    else panelScalar(16, m, min(n, 16), pairs, a, aStride, p, y, yStride, q, mode, output, scales, scaleStride);
    w += panel ? narrowPanelBytes(pairs, 16) : <usize>(pairs + 1) << 6;
    y += column << 4;
    q += group << 2;
  }
  if (n > 0) {
    if (panel) widenPanel(8, pairs, w, panel);
    const p = panel ? panel : w;
    if (ASC_FEATURE_SIMD) panel8(m, n, pairs, a, aStride, p, y, yStride, q, mode, output, scales, scaleStride);
    else panelScalar(8, m, n, pairs, a, aStride, p, y, yStride, q, mode, output, scales, scaleStride);
  }
}

function panel16(
  m: i32,
  n: i32,
  pairs: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  q: usize,
  group: usize,
  mode: i32,
  output: usize,
  scales: usize,
  scaleStride: usize,
): void {
  for (let i = 0; i < m; i += 2) {
    const more = i + 1 < m;
    let a0 = a;
    let a1 = more ? a + aStride : a;
    let c00 = v128.load(w);
    let c01 = v128.load(w, 16);
    let c02 = v128.load(w, 32);
    let c03 = v128.load(w, 48);
    let c10 = c00;
    let c11 = c01;
    let c12 = c02;
    let c13 = c03;
    let b = w + 64;
    const end = b + (<usize>pairs << 6);
    while (b < end) {
      const x0 = v128.load32_splat(a0);
      const x1 = v128.load32_splat(a1);
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x0, b0));
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x1, b0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x0, b1));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x1, b1));
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      c02 = i32x4.add(c02, i32x4.dot_i16x8_s(x0, b2));
      c12 = i32x4.add(c12, i32x4.dot_i16x8_s(x1, b2));
      c03 = i32x4.add(c03, i32x4.dot_i16x8_s(x0, b3));
      c13 = i32x4.add(c13, i32x4.dot_i16x8_s(x1, b3));
      a0 += 4;
      a1 += 4;
      b += 64;
    }
    const y1 = more ? y + yStride : y;
    const scale1 = more ? scales + scaleStride : scales;
    epilogue2x16(n, c00, c01, c02, c03, c10, c11, c12, c13, y, y1, q, group, mode, output, scales, scale1);
    a += 2 * aStride;
    y += 2 * yStride;
    scales += 2 * scaleStride;
  }
}

function panel8(
  m: i32,
  n: i32,
  pairs: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  q: usize,
  mode: i32,
  output: usize,
  scales: usize,
  scaleStride: usize,
): void {
  for (let i = 0; i < m; i += 4) {
    let a0 = a;
    let a1 = i + 1 < m ? a0 + aStride : a0;
    let a2 = i + 2 < m ? a1 + aStride : a1;
    let a3 = i + 3 < m ? a2 + aStride : a2;
    let c00 = v128.load(w);
    let c01 = v128.load(w, 16);
    let c10 = c00;
    let c11 = c01;
    let c20 = c00;
    let c21 = c01;
    let c30 = c00;
    let c31 = c01;
    let b = w + 32;
    const end = b + (<usize>pairs << 5);
    while (b < end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(a0);
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x0, b0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x0, b1));
      const x1 = v128.load32_splat(a1);
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x1, b0));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x1, b1));
      const x2 = v128.load32_splat(a2);
      c20 = i32x4.add(c20, i32x4.dot_i16x8_s(x2, b0));
      c21 = i32x4.add(c21, i32x4.dot_i16x8_s(x2, b1));
      const x3 = v128.load32_splat(a3);
      c30 = i32x4.add(c30, i32x4.dot_i16x8_s(x3, b0));
      c31 = i32x4.add(c31, i32x4.dot_i16x8_s(x3, b1));
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      b += 32;
    }
    const y1 = i + 1 < m ? y + yStride : y;
    const y2 = i + 2 < m ? y1 + yStride : y1;
    const y3 = i + 3 < m ? y2 + yStride : y2;
    const scale1 = i + 1 < m ? scales + scaleStride : scales;
    const scale2 = i + 2 < m ? scale1 + scaleStride : scale1;
    const scale3 = i + 3 < m ? scale2 + scaleStride : scale2;
    epilogue4x8(n, c00, c01, c10, c11, c20, c21, c30, c31, y, y1, y2, y3, q, mode, output, scales, scale1, scale2, scale3);
    a += 4 * aStride;
    y += 4 * yStride;
    scales += 4 * scaleStride;
  }
}

/** The first `n` columns of a tile of 2 x 16, row 0 to `y0` and row 1 to `y1`. */
// @ts-ignore: decorator
@inline
export function epilogue2x16(
  n: i32,
  c00: v128,
  c01: v128,
  c02: v128,
  c03: v128,
  c10: v128,
  c11: v128,
  c12: v128,
  c13: v128,
  y0: usize,
  y1: usize,
  q: usize,
  group: usize,
  mode: i32,
  output: usize,
  scale0: usize,
  scale1: usize,
): void {
  if (mode == FLOAT && n == 16) {
    const lo = v128.load(output);
    const hi = v128.load(output, 16);
    const s0 = v128.load32_splat(scale0);
    const s1 = v128.load32_splat(scale1);
    storeFloats2x4(y0, y1, c00, c10, s0, s1, q, lo, hi);
    storeFloats2x4(y0 + 16, y1 + 16, c01, c11, s0, s1, q + 32, lo, hi);
    storeFloats2x4(y0 + 32, y1 + 32, c02, c12, s0, s1, q + 64, lo, hi);
    storeFloats2x4(y0 + 48, y1 + 48, c03, c13, s0, s1, q + 96, lo, hi);
    return;
  }
  if (mode >= FLOAT) {
    storeWords(y0, n, c00, c01, scale0, q, output, mode);
    storeWords(y0 + 32, n - 8, c02, c03, scale0, q + 64, output, mode);
    storeWords(y1, n, c10, c11, scale1, q, output, mode);
    storeWords(y1 + 32, n - 8, c12, c13, scale1, q + 64, output, mode);
    return;
  }
  let row0: v128;
  let row1: v128;
  if (mode == FAST_SMALL) {
    row0 = narrowBytes(requantizeSmallx8(c00, c01, q, output), requantizeSmallx8(c02, c03, q + 32, output), output);
    row1 = narrowBytes(requantizeSmallx8(c10, c11, q, output), requantizeSmallx8(c12, c13, q + 32, output), output);
  } else if (mode == ONCE_SMALL) {
    const less = v128.load(output, 64);
    let m = v128.load(q);
    let s = onceScalex4(q);
    c00 = requantizeOnceSmallx4(c00, m, s, less);
    c10 = requantizeOnceSmallx4(c10, m, s, less);
    m = v128.load(q, 48);
    s = onceScalex4(q + 48);
    c01 = requantizeOnceSmallx4(c01, m, s, less);
    c11 = requantizeOnceSmallx4(c11, m, s, less);
    m = v128.load(q, 96);
    s = onceScalex4(q + 96);
    c02 = requantizeOnceSmallx4(c02, m, s, less);
    c12 = requantizeOnceSmallx4(c12, m, s, less);
    m = v128.load(q, 144);
    s = onceScalex4(q + 144);
    c03 = requantizeOnceSmallx4(c03, m, s, less);
    c13 = requantizeOnceSmallx4(c13, m, s, less);
    row0 = narrowBytes(i16x8.narrow_i32x4_s(c00, c01), i16x8.narrow_i32x4_s(c02, c03), output);
    row1 = narrowBytes(i16x8.narrow_i32x4_s(c10, c11), i16x8.narrow_i32x4_s(c12, c13), output);
  } else {
    const q2 = q + 2 * group;
    row0 = narrowBytes(finish(c00, c01, q, mode, output), finish(c02, c03, q2, mode, output), output);
    row1 = narrowBytes(finish(c10, c11, q, mode, output), finish(c12, c13, q2, mode, output), output);
  }
  if (n == 16) {
    v128.store(y0, row0);
    v128.store(y1, row1);
  } else {
    storeBytes(y0, row0, n);
    storeBytes(y1, row1, n);
  }
}

/** The first `n` columns of a tile of 4 x 8. */
// @ts-ignore: decorator
@inline
export function epilogue4x8(
  n: i32,
  c00: v128,
  c01: v128,
  c10: v128,
  c11: v128,
  c20: v128,
  c21: v128,
  c30: v128,
  c31: v128,
  y0: usize,
  y1: usize,
  y2: usize,
  y3: usize,
  q: usize,
  mode: i32,
  output: usize,
  scale0: usize,
  scale1: usize,
  scale2: usize,
  scale3: usize,
): void {
  if (mode == FLOAT && n == 8) {
    const lo = v128.load(output);
    const hi = v128.load(output, 16);
    const s0 = v128.load32_splat(scale0);
    const s1 = v128.load32_splat(scale1);
    storeFloats2x4(y0, y1, c00, c10, s0, s1, q, lo, hi);
    storeFloats2x4(y0 + 16, y1 + 16, c01, c11, s0, s1, q + 32, lo, hi);
    const s2 = v128.load32_splat(scale2);
    const s3 = v128.load32_splat(scale3);
    storeFloats2x4(y2, y3, c20, c30, s2, s3, q, lo, hi);
    storeFloats2x4(y2 + 16, y3 + 16, c21, c31, s2, s3, q + 32, lo, hi);
    return;
  }
  if (mode >= FLOAT) {
    storeWords(y0, n, c00, c01, scale0, q, output, mode);
    storeWords(y1, n, c10, c11, scale1, q, output, mode);
    storeWords(y2, n, c20, c21, scale2, q, output, mode);
    storeWords(y3, n, c30, c31, scale3, q, output, mode);
    return;
  }
  let rows01: v128;
  let rows23: v128;
  if (mode == FAST_SMALL) {
    rows01 = narrowBytes(requantizeSmallx8(c00, c01, q, output), requantizeSmallx8(c10, c11, q, output), output);
    rows23 = narrowBytes(requantizeSmallx8(c20, c21, q, output), requantizeSmallx8(c30, c31, q, output), output);
  } else if (mode == ONCE_SMALL) {
    const less = v128.load(output, 64);
    let m = v128.load(q);
    let s = onceScalex4(q);
    c00 = requantizeOnceSmallx4(c00, m, s, less);
    c10 = requantizeOnceSmallx4(c10, m, s, less);
    c20 = requantizeOnceSmallx4(c20, m, s, less);
    c30 = requantizeOnceSmallx4(c30, m, s, less);
    m = v128.load(q, 48);
    s = onceScalex4(q + 48);
    c01 = requantizeOnceSmallx4(c01, m, s, less);
    c11 = requantizeOnceSmallx4(c11, m, s, less);
    c21 = requantizeOnceSmallx4(c21, m, s, less);
    c31 = requantizeOnceSmallx4(c31, m, s, less);
    rows01 = narrowBytes(i16x8.narrow_i32x4_s(c00, c01), i16x8.narrow_i32x4_s(c10, c11), output);
    rows23 = narrowBytes(i16x8.narrow_i32x4_s(c20, c21), i16x8.narrow_i32x4_s(c30, c31), output);
  } else {
    rows01 = narrowBytes(finish(c00, c01, q, mode, output), finish(c10, c11, q, mode, output), output);
    rows23 = narrowBytes(finish(c20, c21, q, mode, output), finish(c30, c31, q, mode, output), output);
  }
  if (n == 8) {
    v128.store64_lane(y0, rows01, 0);
    v128.store64_lane(y1, rows01, 1);
    v128.store64_lane(y2, rows23, 0);
    v128.store64_lane(y3, rows23, 1);
  } else {
    storeBytes(y0, rows01, n);
    storeBytes(y1, v128.shuffle<i64>(rows01, rows01, 1, 1), n);
    storeBytes(y2, rows23, n);
    storeBytes(y3, v128.shuffle<i64>(rows23, rows23, 1, 1), n);
  }
}

/** Eight channels requantized to int16, zero point added. */
// @ts-ignore: decorator
@inline
export function finish(c0: v128, c1: v128, q: usize, mode: i32, output: usize): v128 {
  if (isFast(mode)) {
    return narrowx8(requantizeFastx4(c0, v128.load(q)), requantizeFastx4(c1, v128.load(q, 16)), output);
  }
  return finishExact(c0, c1, q, mode, output);
}

// A call, as its code is long; EXACT needs no test of its own.
function finishExact(c0: v128, c1: v128, q: usize, mode: i32, output: usize): v128 {
  const m0 = v128.load(q);
  const m1 = v128.load(q, 48);
  const r0 = v128.load(q, 32);
  const r1 = v128.load(q, 80);
  if (mode == ONCE_RIGHT || mode == ONCE_SMALL) {
    c0 = requantizeOnceRightx4(c0, m0, r0);
    c1 = requantizeOnceRightx4(c1, m1, r1);
  } else if (mode == EXACT_RIGHT) {
    c0 = requantizeExactRightx4(c0, m0, r0);
    c1 = requantizeExactRightx4(c1, m1, r1);
  } else if (mode == ONCE) {
    c0 = requantizeOncex4(c0, m0, v128.load(q, 16), r0);
    c1 = requantizeOncex4(c1, m1, v128.load(q, 64), r1);
  } else {
    c0 = requantizeExactx4(c0, m0, v128.load(q, 16), r0);
    c1 = requantizeExactx4(c1, m1, v128.load(q, 64), r1);
  }
  return narrowx8(c0, c1, output);
}

/** Four channels as FLOAT. */
// @ts-ignore: decorator
@inline
function float(c: v128, scale: usize, q: usize, output: usize): v128 {
  const s = f32x4.mul(v128.load32_splat(scale), v128.load(q));
  return clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(c), s), v128.load(q, 16)), v128.load(output), v128.load(output, 16));
}

/** Four channels of two rows as FLOAT. */
// @ts-ignore: decorator
@inline
function storeFloats2x4(y0: usize, y1: usize, c0: v128, c1: v128, s0: v128, s1: v128, q: usize, lo: v128, hi: v128): void {
  const scale = v128.load(q);
  const bias = v128.load(q, 16);
  v128.store(y0, clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(c0), f32x4.mul(s0, scale)), bias), lo, hi));
  v128.store(y1, clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(c1), f32x4.mul(s1, scale)), bias), lo, hi));
}

/** The first `n` of eight channels as FLOAT or SUMS. */
export function storeWords(y: usize, n: i32, c0: v128, c1: v128, scale: usize, q: usize, output: usize, mode: i32): void {
  if (mode == FLOAT) {
    c0 = float(c0, scale, q, output);
    c1 = float(c1, scale, q + 32, output);
  }
  storeBytes(y, c0, n << 2);
  if (n > 4) storeBytes(y + 16, c1, (n - 4) << 2);
}

/** The scalar epilogue: channel `j` to element `j` of the row `y`. */
export function storeScalar(acc: i32, y: usize, j: i32, q: usize, mode: i32, output: usize, scale: usize): void {
  if (mode == FLOAT) {
    const p = q + ((j >> 2) << 5) + ((j & 3) << 2);
    const f = <f32>acc * (load<f32>(scale) * load<f32>(p)) + load<f32>(p, 16);
    store<f32>(y + (<usize>j << 2), clamp(f, load<f32>(output), load<f32>(output, 16)));
  } else if (mode == SUMS) {
    store<i32>(y + (<usize>j << 2), acc);
  } else {
    store<u8>(y + j, narrow(requantize(acc, q, j, mode), output));
  }
}

// @ts-ignore: decorator
@inline
function panelScalar(
  width: i32,
  m: i32,
  n: i32,
  pairs: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  q: usize,
  mode: i32,
  output: usize,
  scales: usize,
  scaleStride: usize,
): void {
  const step = <usize>width << 2;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j += 4) {
      let b = w + (<usize>j << 2);
      let c0 = load<i32>(b);
      let c1 = load<i32>(b, 4);
      let c2 = load<i32>(b, 8);
      let c3 = load<i32>(b, 12);
      const end = a + aStride;
      for (let p = a; p < end; p += 4) {
        b += step;
        const x0 = <i32>load<i16>(p);
        const x1 = <i32>load<i16>(p, 2);
        c0 += x0 * load<i16>(b) + x1 * load<i16>(b, 2);
        c1 += x0 * load<i16>(b, 4) + x1 * load<i16>(b, 6);
        c2 += x0 * load<i16>(b, 8) + x1 * load<i16>(b, 10);
        c3 += x0 * load<i16>(b, 12) + x1 * load<i16>(b, 14);
      }
      storeScalar(c0, y, j, q, mode, output, scales);
      if (j + 1 < n) storeScalar(c1, y, j + 1, q, mode, output, scales);
      if (j + 2 < n) storeScalar(c2, y, j + 2, q, mode, output, scales);
      if (j + 3 < n) storeScalar(c3, y, j + 3, q, mode, output, scales);
    }
    a += aStride;
    y += yStride;
    scales += scaleStride;
  }
}
