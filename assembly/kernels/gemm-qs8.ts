// Quantized matrix products: int8 or uint8 activations and weights, or float activations that f32_quantize has made int8.
// Rows of activations are widened once to int16 less their zero point; from there on all forms are alike (lib/gemm-qs8.ts).
// uint8 is flipped to int8 on reading: pass `flip` = 128 and the zero point less 128 (int8: 0 and the zero point).
import { widen } from '../lib/gather';
import { finish, FLOAT, gemmQs8, narrowPanelBytes, outputBytes, parameterBytes, rowBytesQs8, storeScalar, storeWords } from '../lib/gemm-qs8';
import { narrowBytes } from '../lib/requantize';
import { laneSums, storeBytes } from '../lib/simd';

/**
 * Packs weights for qs8_gemm and qs8_conv2d. Units are panels of 16 columns.
 * @param w bytes; element (n, k) at n * nStride + k * kStride
 * @param bias [n] int32, or 0 for none
 */
export function qs8_gemm_pack(
  k: i32,
  n: i32,
  w: usize,
  nStride: i32,
  kStride: i32,
  flip: i32,
  zeroPoint: i32,
  bias: usize,
  y: usize,
  begin: i32,
  end: i32,
): void {
  const pairs = (k + 1) >> 1;
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 4;
    const width = n - first > 8 ? 16 : 8;
    const columns = min(n - first, width);
    const step = <usize>width << 2;
    let t = y + <usize>(pairs + 1) * <usize>(first << 2);
    memory.fill(t, 0, <usize>(pairs + 1) * step);
    let whole = 0;
    if (ASC_FEATURE_SIMD) {
      // Columns side by side: interleave two rows at a time.
      if (nStride == 1 && columns == 16) {
        const f = i8x16.splat(<i8>flip);
        const z = i16x8.splat(<i16>zeroPoint);
        const row = w + first;
        let d = t + step;
        for (; whole + 2 <= k; whole += 2, d += 64) {
          const even = v128.xor(v128.load(row + <usize>whole * <usize>kStride), f);
          const odd = v128.xor(v128.load(row + <usize>(whole + 1) * <usize>kStride), f);
          interleave(d, i16x8.sub(i16x8.extend_low_i8x16_s(even), z), i16x8.sub(i16x8.extend_low_i8x16_s(odd), z));
          interleave(d + 32, i16x8.sub(i16x8.extend_high_i8x16_s(even), z), i16x8.sub(i16x8.extend_high_i8x16_s(odd), z));
        }
      }
    }
    for (let j = 0; j < columns; j++, t += 4) {
      if (bias) store<i32>(t, load<i32>(bias + (<usize>(first + j) << 2)));
      let i = whole;
      let s = w + <usize>((first + j) * nStride) + <usize>i * <usize>kStride;
      let d = t + step + <usize>(i >> 1) * step;
      if (ASC_FEATURE_SIMD) {
        if (kStride == 1) {
          for (; i + 8 <= k; i += 8, s += 8) {
            const v = i16x8.extend_low_i8x16_s(v128.xor(v128.load64_zero(s), i8x16.splat(<i8>flip)));
            const x = i16x8.sub(v, i16x8.splat(<i16>zeroPoint));
            v128.store32_lane(d, x, 0);
            v128.store32_lane(d + step, x, 1);
            v128.store32_lane(d + 2 * step, x, 2);
            v128.store32_lane(d + 3 * step, x, 3);
            d += 4 * step;
          }
        }
      }
      for (; i < k; i++, s += kStride) {
        store<i16>(d + ((i & 1) << 1), <i16>(<i8>(load<u8>(s) ^ flip) - zeroPoint));
        if (i & 1) d += step;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function interleave(y: usize, even: v128, odd: v128): void {
  v128.store(y, v128.shuffle<i16>(even, odd, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(y, v128.shuffle<i16>(even, odd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
}

/** qs8_gemm_pack for large matrices, which stay bytes: see lib/gemm-qs8.ts. */
export function qs8_gemm_pack_narrow(
  k: i32,
  n: i32,
  w: usize,
  nStride: i32,
  kStride: i32,
  flip: i32,
  zeroPoint: i32,
  bias: usize,
  y: usize,
  begin: i32,
  end: i32,
): void {
  const pairs = (k + 1) >> 1;
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 4;
    const width = n - first > 8 ? 16 : 8;
    const columns = min(n - first, width);
    const t = y + <usize>panel * narrowPanelBytes(pairs, 16);
    const d = t + (<usize>width << 2) + 16;
    memory.fill(t, 0, (<usize>width << 2) + 16);
    // What is no weight is the zero point, so that it becomes zero.
    memory.fill(d, <u8>zeroPoint, <usize>(2 * pairs * width));
    for (let i: usize = 0; i < 16; i += 2) store<i16>(d - 16 + i, <i16>zeroPoint);
    for (let j = 0; j < columns; j++) {
      if (bias) store<i32>(t + (<usize>j << 2), load<i32>(bias + (<usize>(first + j) << 2)));
      packColumn(d + (<usize>j << 1), <usize>width << 1, w + <usize>((first + j) * nStride), kStride, k, flip);
    }
  }
}

/** The bytes of a column in pairs, `step` bytes from one to the next. */
function packColumn(d: usize, step: usize, s: usize, stride: i32, k: i32, flip: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    if (stride == 1) {
      const f = i8x16.splat(<i8>flip);
      for (; i + 16 <= k; i += 16, s += 16) {
        const v = v128.xor(v128.load(s), f);
        v128.store16_lane(d, v, 0);
        v128.store16_lane(d + step, v, 1);
        v128.store16_lane(d + 2 * step, v, 2);
        v128.store16_lane(d + 3 * step, v, 3);
        d += 4 * step;
        v128.store16_lane(d, v, 4);
        v128.store16_lane(d + step, v, 5);
        v128.store16_lane(d + 2 * step, v, 6);
        v128.store16_lane(d + 3 * step, v, 7);
        d += 4 * step;
      }
    }
  }
  for (; i < k; i++, s += stride) {
    store<u8>(d + (i & 1), load<u8>(s) ^ <u8>flip);
    if (i & 1) d += step;
  }
}

/**
 * y[m, n] = epilogue(a[m, k] * w + bias). Units are rows.
 * @param dynamic { scale: f32, zeroPoint: i32 } a row, or for all where dynamicStride is 0, for FLOAT; otherwise unused
 * @param dynamicStride 8 or 0; 0 but for FLOAT
 * @param rows scratch: 32 (with a panel 64) * rowBytesQs8(k) + 32 bytes
 * @param w packed by qs8_gemm_pack, or by qs8_gemm_pack_narrow where there is a panel
 * @param panel 0, or scratch: (k + 1) / 2 * 64 + 64 bytes
 */
export function qs8_gemm(
  n: i32,
  k: i32,
  a: usize,
  flip: i32,
  zeroPoint: i32,
  dynamic: usize,
  dynamicStride: i32,
  rows: usize,
  w: usize,
  panel: usize,
  y: usize,
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  const yStride = <usize>(n * outputBytes(mode));
  const rowBytes = <usize>rowBytesQs8(k);
  // A panel is widened once a block.
  const block = panel ? 64 : 32;
  for (let i = begin; i < end; i += block) {
    const count = min(block, end - i);
    const d = dynamic + <usize>(i * dynamicStride);
    for (let r = 0; r < count; r++) {
      const z = mode == FLOAT ? load<i32>(d + <usize>(r * dynamicStride), 4) : zeroPoint;
      widen(rows + <usize>r * rowBytes, a + <usize>(i + r) * <usize>k, k, flip, z);
    }
    gemmQs8(count, n, k, rows, w, panel, y + <usize>i * yStride, yStride, q, mode, output, d, dynamicStride);
  }
}

/**
 * y[m, n] = epilogue(a[m, k] * w[n, k] + bias) for few rows: bound by reading the weights, so they stay as they are.
 * Units are groups of eight columns.
 * @param bias [n] int32, or 0 for none
 * @param rows scratch: k * 2 + 64 bytes
 */
export function qs8_gemv(
  n: i32,
  k: i32,
  a: usize,
  flip: i32,
  zeroPoint: i32,
  dynamic: usize,
  m: i32,
  rows: usize,
  w: usize,
  wFlip: i32,
  wZeroPoint: i32,
  bias: usize,
  y: usize,
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  const group = <usize>parameterBytes(mode);
  for (let i = 0; i < m; i++) {
    const d = dynamic + (<usize>i << 3);
    widen(rows, a + <usize>(i * k), k, flip, mode == FLOAT ? load<i32>(d, 4) : zeroPoint);
    // Weights are read in sixteens: what lies beyond a row meets zeros.
    memory.fill(rows + (<usize>k << 1), 0, 32);
    const t = y + <usize>(i * n * outputBytes(mode));
    const last = min(n, end << 3);
    for (let j = begin << 3; j < last; j += 8) {
      const columns = min(8, last - j);
      const w0 = w + <usize>j * <usize>k;
      if (ASC_FEATURE_SIMD) {
        const b = bias + (<usize>j << 2);
        let c0 = bias ? v128.load(b) : i32x4.splat(0);
        let c1 = bias && columns > 4 ? v128.load(b, 16) : i32x4.splat(0);
        c0 = i32x4.add(c0, dotx4(k, rows, w0, min(columns, 4), wFlip, wZeroPoint));
        if (columns > 4) c1 = i32x4.add(c1, dotx4(k, rows, w0 + (<usize>k << 2), columns - 4, wFlip, wZeroPoint));
        const p = q + <usize>(j >> 2) * group;
        if (mode >= FLOAT) storeWords(t + (<usize>j << 2), columns, c0, c1, d, p, output, mode);
        else {
          const x = finish(c0, c1, p, mode, output);
          storeBytes(t + j, narrowBytes(x, x, output), columns);
        }
      } else {
        for (let c = j; c < j + columns; c++) {
          let acc = bias ? load<i32>(bias + (<usize>c << 2)) : 0;
          for (let p = 0; p < k; p++) {
            const v = <i32><i8>(load<u8>(w + <usize>(c * k + p)) ^ wFlip) - wZeroPoint;
            acc += <i32>load<i16>(rows + (<usize>p << 1)) * v;
          }
          storeScalar(acc, t, c, q, mode, output, d);
        }
      }
    }
  }
}

/** Dot products of x[k] (int16, zeros up to a multiple of 16) with `columns` (1..4) rows of bytes from `w0` on. */
function dotx4(k: i32, x: usize, w0: usize, columns: i32, flip: i32, zeroPoint: i32): v128 {
  const w1 = columns > 1 ? w0 + k : w0;
  const w2 = columns > 2 ? w1 + k : w1;
  const w3 = columns > 3 ? w2 + k : w2;
  const f = i8x16.splat(<i8>flip);
  const z = i16x8.splat(<i16>zeroPoint);
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let p: usize = 0; p < <usize>k; p += 16, x += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    s0 = dot16(s0, x0, x1, v128.load(w0 + p), f, z);
    s1 = dot16(s1, x0, x1, v128.load(w1 + p), f, z);
    s2 = dot16(s2, x0, x1, v128.load(w2 + p), f, z);
    s3 = dot16(s3, x0, x1, v128.load(w3 + p), f, z);
  }
  return laneSums(s0, s1, s2, s3);
}

// @ts-ignore: decorator
@inline
function dot16(sum: v128, x0: v128, x1: v128, bytes: v128, flip: v128, zeroPoint: v128): v128 {
  const v = v128.xor(bytes, flip);
  const low = i32x4.dot_i16x8_s(x0, i16x8.sub(i16x8.extend_low_i8x16_s(v), zeroPoint));
  return i32x4.add(sum, i32x4.add(low, i32x4.dot_i16x8_s(x1, i16x8.sub(i16x8.extend_high_i8x16_s(v), zeroPoint))));
}
