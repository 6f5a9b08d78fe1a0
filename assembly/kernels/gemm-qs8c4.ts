// Quantized matrix products through relaxed dot products of bytes (lib/gemm-qs8c4.ts). Kernels take the arguments of their twins
// in gemm-qs8.ts and conv-qs8.ts, but `flip` and the zero point of activations are for bytes as the machine takes them.
import { copyBytes } from '../lib/gather';
import { finish, FLOAT, outputBytes, parameterBytes, storeWords } from '../lib/gemm-qs8';
import { gemmQs8c4, hasZeroPoint, sumRows } from '../lib/gemm-qs8c4';
import { narrowBytes } from '../lib/requantize';
import { dotBytes, laneSums, storeBytes } from '../lib/simd';

/** Rows that qs8_gemm_c4 takes at a time. */
// @ts-ignore: decorator
@inline
const BLOCK = 32;

/**
 * Packs weights for qs8_gemm_c4, qs8_conv2d_c4 and, in several runs, qs8_conv2d_strip_c4. Units are panels of 16 columns.
 * @param w bytes; element (n, k) at n * nStride + k * kStride
 * @param flip of weights, as is their zero point
 * @param xZeroPoint of activations; 0 where rows have their own
 * @param bySums s is sums of columns, for rows with zero points of their own, rather than the weights' zero point
 * @param runs that k consists of, each of which starts on a four of its own
 * @param bias [n] int32, or 0 for none
 */
export function qs8_gemm_pack_c4(
  k: i32,
  n: i32,
  w: usize,
  nStride: i32,
  kStride: i32,
  flip: i32,
  zeroPoint: i32,
  xZeroPoint: i32,
  bySums: i32,
  runs: i32,
  bias: usize,
  y: usize,
  begin: i32,
  end: i32,
): void {
  const run = k / runs;
  const runFours = (run + 3) >> 2;
  const fours = runs * runFours;
  const columns = <usize>((n + 7) & ~7) << 2;
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 4;
    const width = n - first > 8 ? 16 : 8;
    const step = <usize>width << 2;
    const to = y + 2 * columns + <usize>fours * <usize>(first << 2);
    const t = y + (<usize>first << 2);
    for (let j = 0; j < width; j += 4) {
      const from = w + <usize>((first + j) * nStride);
      for (let r = 0; r < runs; r++) {
        const there = min(max(n - first - j, 0), 4);
        const t = to + (<usize>j << 2) + <usize>(r * runFours) * step;
        packFour(run, there, from + <usize>(r * run * kStride), nStride, kStride, flip, t, step);
      }
      sumFour(fours, to + (<usize>j << 2), step, t + columns + (<usize>j << 2));
    }
    head(k, min(n - first, width), zeroPoint, xZeroPoint, bySums, bias ? bias + (<usize>first << 2) : 0, t, columns);
  }
}

/** bias' and s of `n` columns, whose sums stand where s goes. */
function head(k: i32, n: i32, zeroPoint: i32, xZeroPoint: i32, bySums: i32, bias: usize, y: usize, columns: usize): void {
  for (; n > 0; n--, y += 4) {
    const sum = load<i32>(y + columns);
    store<i32>(y, (bias ? load<i32>(bias) : 0) - xZeroPoint * (sum - k * zeroPoint));
    if (!bySums) store<i32>(y + columns, zeroPoint);
    if (bias) bias += 4;
  }
}

/** Four columns of a panel, of which `columns` are there. */
function packFour(k: i32, columns: i32, w: usize, nStride: i32, kStride: i32, flip: i32, y: usize, step: usize): void {
  let p = 0;
  if (ASC_FEATURE_SIMD) {
    const f = i8x16.splat(<i8>flip);
    if (kStride == 1 && columns == 4) {
      for (; p + 16 <= k; p += 16, w += 16) {
        const a = v128.xor(v128.load(w), f);
        const b = v128.xor(v128.load(w + nStride), f);
        const c = v128.xor(v128.load(w + 2 * nStride), f);
        const d = v128.xor(v128.load(w + 3 * nStride), f);
        const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
        const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
        const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
        const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
        v128.store(y, v128.shuffle<i64>(ab0, cd0, 0, 2));
        v128.store(y + step, v128.shuffle<i64>(ab0, cd0, 1, 3));
        v128.store(y + 2 * step, v128.shuffle<i64>(ab1, cd1, 0, 2));
        v128.store(y + 3 * step, v128.shuffle<i64>(ab1, cd1, 1, 3));
        y += 4 * step;
      }
    } else if (nStride == 1 && columns == 4) {
      for (; p + 4 <= k; p += 4, w += 4 * kStride) {
        const ab = v128.shuffle<i8>(v128.load32_zero(w), v128.load32_zero(w + kStride), 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0);
        const c = v128.load32_zero(w + 2 * kStride);
        const cd = v128.shuffle<i8>(c, v128.load32_zero(w + 3 * kStride), 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0);
        v128.store(y, v128.xor(v128.shuffle<i16>(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11), f));
        y += step;
      }
    }
  }
  for (; p < k; p += 4, w += 4 * kStride, y += step) {
    for (let j = 0; j < 4; j++) {
      let four: u32 = 0;
      if (j < columns) {
        const s = w + <usize>(j * nStride);
        for (let i = 0; i < min(4, k - p); i++) four |= (<u32>load<u8>(s + <usize>(i * kStride)) ^ flip) << (i << 3);
      }
      store<u32>(y + (<usize>j << 2), four);
    }
  }
}

/** Stores the sums of four packed columns. */
function sumFour(fours: i32, w: usize, step: usize, y: usize): void {
  if (ASC_FEATURE_SIMD) {
    let s = i32x4.splat(0);
    for (; fours > 0; fours--, w += step) {
      s = i32x4.add(s, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v128.load(w))));
    }
    v128.store(y, s);
  }
}

/**
 * y[m, n] = epilogue(a[m, k] * w + bias). Units are rows.
 * @param dynamic { scale: f32, zeroPoint: i32 } a row, or for all where dynamicStride is 0, for FLOAT; otherwise unused
 * @param dynamicStride 8 or 0; 0 but for FLOAT
 * @param rows scratch: 32 * (k + 8) + 16 bytes
 * @param w packed by qs8_gemm_pack_c4
 */
export function qs8_gemm_c4(
  n: i32,
  k: i32,
  a: usize,
  flip: i32,
  _zeroPoint: i32,
  dynamic: usize,
  dynamicStride: i32,
  rows: usize,
  w: usize,
  _panel: usize,
  y: usize,
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  const sums = hasZeroPoint(w, n, mode);
  const yStride = <usize>(n * outputBytes(mode));
  const depth = <usize>k;
  for (let i = begin; i < end; i += BLOCK) {
    const count = min(BLOCK, end - i);
    let x = a + <usize>i * depth;
    let d = mode == FLOAT ? dynamic + <usize>(i * dynamicStride) : 0;
    let dStride = dynamicStride;
    if (flip) {
      copyBytes(rows + 8 * BLOCK, x, count * k, flip);
      x = rows + 8 * BLOCK;
    }
    if (sums) {
      sumRows(rows, x, count, k, depth);
      d = rows;
      dStride = 8;
    }
    gemmQs8c4(count, n, k, 1, 0, x, depth, w, y + <usize>i * yStride, yStride, q, mode, output, d, dStride, rows);
  }
}

/** bias' and s for qs8_gemv_c4: what stands before the panels otherwise. Arguments and units as for qs8_gemm_pack_c4. */
export function qs8_gemv_head_c4(
  k: i32,
  n: i32,
  w: usize,
  nStride: i32,
  kStride: i32,
  flip: i32,
  zeroPoint: i32,
  xZeroPoint: i32,
  bySums: i32,
  bias: usize,
  y: usize,
  begin: i32,
  end: i32,
): void {
  const columns = <usize>((n + 7) & ~7) << 2;
  for (let j = begin << 4, last = min(n, end << 4); j < last; j++) {
    let p = w + <usize>(j * nStride);
    let i = 0;
    let sum = 0;
    if (ASC_FEATURE_SIMD) {
      if (kStride == 1) {
        let s = i32x4.splat(0);
        for (; i + 16 <= k; i += 16, p += 16) {
          const v = v128.xor(v128.load(p), i8x16.splat(<i8>flip));
          s = i32x4.add(s, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v)));
        }
        s = i32x4.add(s, v128.shuffle<i32>(s, s, 2, 3, 0, 1));
        sum = i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1);
      }
    }
    for (; i < k; i++, p += kStride) sum += <i8>(load<u8>(p) ^ <u8>flip);
    const t = y + (<usize>j << 2);
    store<i32>(t + columns, sum);
    head(k, 1, zeroPoint, xZeroPoint, bySums, bias ? bias + (<usize>j << 2) : 0, t, columns);
  }
}

/**
 * y[m, n] = epilogue(a[m, k] * w[n, k] + bias) for few rows; weights are read where they are. Units are groups of eight
 * columns.
 * @param head of qs8_gemv_head_c4
 * @param rows scratch: k + 48 bytes
 * @param w [n, k]
 */
export function qs8_gemv_c4(
  n: i32,
  k: i32,
  a: usize,
  flip: i32,
  _zeroPoint: i32,
  dynamic: usize,
  m: i32,
  rows: usize,
  w: usize,
  wFlip: i32,
  wZeroPoint: i32,
  head: usize,
  y: usize,
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  const group = <usize>parameterBytes(mode);
  const columns = <usize>((n + 7) & ~7) << 2;
  const last = min(n, end << 3);
  const x = rows + 16;
  for (let i = 0; i < m; i++) {
    copyBytes(x, a + <usize>(i * k), k, flip);
    // Weights are read in sixteens: what lies beyond a row meets zeros.
    memory.fill(x + k, 0, 16);
    const d = mode == FLOAT ? dynamic + (<usize>i << 3) : rows;
    if (wZeroPoint) sumRows(rows, x, 1, k, 0);
    const r = wZeroPoint || mode == FLOAT ? load<i32>(d, 4) : 0;
    const t = y + <usize>(i * n * outputBytes(mode));
    for (let j = begin << 3; j < last; j += 8) {
      const count = min(8, last - j);
      const b = head + (<usize>j << 2);
      const w0 = w + <usize>j * <usize>k;
      if (ASC_FEATURE_SIMD) {
        const w1 = count > 1 ? w0 + k : w0;
        const w2 = count > 2 ? w1 + k : w1;
        const w3 = count > 3 ? w2 + k : w2;
        const w4 = count > 4 ? w3 + k : w3;
        const w5 = count > 5 ? w4 + k : w4;
        const w6 = count > 6 ? w5 + k : w5;
        const w7 = count > 7 ? w6 + k : w6;
        const f = i8x16.splat(<i8>wFlip);
        let s0 = i32x4.splat(0);
        let s1 = s0;
        let s2 = s0;
        let s3 = s0;
        let s4 = s0;
        let s5 = s0;
        let s6 = s0;
        let s7 = s0;
        for (let p: usize = 0; p < <usize>k; p += 16) {
          const v = v128.load(x + p);
          s0 = dotBytes(v128.xor(v128.load(w0 + p), f), v, s0);
          s1 = dotBytes(v128.xor(v128.load(w1 + p), f), v, s1);
          s2 = dotBytes(v128.xor(v128.load(w2 + p), f), v, s2);
          s3 = dotBytes(v128.xor(v128.load(w3 + p), f), v, s3);
          s4 = dotBytes(v128.xor(v128.load(w4 + p), f), v, s4);
          s5 = dotBytes(v128.xor(v128.load(w5 + p), f), v, s5);
          s6 = dotBytes(v128.xor(v128.load(w6 + p), f), v, s6);
          s7 = dotBytes(v128.xor(v128.load(w7 + p), f), v, s7);
        }
        const z = i32x4.splat(r);
        const c0 = i32x4.sub(i32x4.add(v128.load(b), laneSums(s0, s1, s2, s3)), i32x4.mul(z, v128.load(b + columns)));
        const c1 = i32x4.sub(i32x4.add(v128.load(b, 16), laneSums(s4, s5, s6, s7)), i32x4.mul(z, v128.load(b + columns, 16)));
        const o = q + <usize>(j >> 2) * group;
        if (mode >= FLOAT) storeWords(t + (<usize>j << 2), count, c0, c1, d, o, output, mode);
        else {
          const v = finish(c0, c1, o, mode, output);
          storeBytes(t + j, narrowBytes(v, v, output), count);
        }
      }
    }
  }
}
