// The quantized matrix product of machines whose relaxed dot product multiplies int8 with whole bytes (kernels/relaxed-dot.ts):
// four multiply-adds a lane in one instruction, twice the rate of lib/gemm-qs8.ts, and weights of one byte each.
//   acc[m, n] = bias'[n] - r[m] * s[n] + sum over k of x[m, k] * w[k, n]
// Rows x are bytes as the machine takes them: unsigned on x86 and signed on Arm, which is all that differs. The zero point of
// x is in bias'. What is not known before lies in r and s: zero points of rows quantized at run time and sums of columns, or
// sums of rows and the weights' zero point. Rows may be read 3 bytes past their end, where weights are zero.
// Rows may consist of several runs a constant distance apart, each of k bytes, weights being padded to fours run by run.
// Packed weights: bias' and s of all columns (int32, whole eights), then panels [k / 4, 16, 4]; where 1..8 columns remain, the
// last panel is 8 wide. Tiles are 2 x 16 and 4 x 8. The scalar build, which no plan asks for it, computes nothing here.
import { epilogue2x16, epilogue4x8, FLOAT, outputBytes, parameterBytes } from './gemm-qs8';
import { dotBytes } from './simd';

/** Bytes that the packed form of [k, n] weights takes. */
// @ts-ignore: decorator
@inline
export function packedBytesQs8c4(k: i32, n: i32): i32 {
  return (((k + 3) >> 2) + 2) * ((n + 7) & ~7) * 4;
}

/** Whether packed weights have a zero point, so that rows must be summed. */
// @ts-ignore: decorator
@inline
export function hasZeroPoint(w: usize, n: i32, mode: i32): bool {
  return mode != FLOAT && load<i32>(w + (<usize>((n + 7) & ~7) << 2)) != 0;
}

/** Sums of `count` rows of `k` bytes, to the second words of `y`. */
export function sumRows(y: usize, x: usize, count: i32, k: i32, stride: usize): void {
  for (; count > 0; count--, x += stride, y += 8) {
    if (ASC_FEATURE_SIMD) {
      let s = i32x4.splat(0);
      let i = 0;
      for (; i + 16 <= k; i += 16) s = dotBytes(i8x16.splat(1), v128.load(x + i), s);
      if (i < k) {
        const there = i8x16.lt_s(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(k - i)));
        s = dotBytes(v128.and(there, i8x16.splat(1)), v128.load(x + i), s);
      }
      s = i32x4.add(s, v128.shuffle<i32>(s, s, 2, 3, 0, 1));
      store<i32>(y, i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1), 4);
    }
  }
}

/**
 * Strides in bytes.
 * @param runs of a row, from one of which to the next are `runStride`
 * @param k depth of a run
 * @param q parameter block, and `output` the output block, of `mode`
 * @param dynamic { scale: f32, r: i32 } of row i at dynamic + i * dynamicStride; 0 where all r are 0 and no scale is needed
 * @param space scratch: 64 bytes, where dynamicStride is 0 and `dynamic` is not
 */
export function gemmQs8c4(
  m: i32,
  n: i32,
  k: i32,
  runs: i32,
  runStride: usize,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  q: usize,
  mode: i32,
  output: usize,
  dynamic: usize,
  dynamicStride: usize,
  space: usize,
): void {
  const group = <usize>parameterBytes(mode);
  const column = <usize>outputBytes(mode);
  const fours = (k + 3) >> 2;
  const jump = runStride - (<usize>fours << 2);
  const columns = <usize>((n + 7) & ~7) << 2;
  const shared = dynamic != 0 && dynamicStride == 0;
  let bias = w;
  w += 2 * columns;
  for (; n > 8; n -= 16) {
    const width = min(n, 16);
    if (ASC_FEATURE_SIMD) panel16(m, width, fours, runs, jump, a, aStride, shared ? settle(bias, columns, dynamic, space) : bias, columns, w, y, yStride, q, group, mode, output, dynamic, dynamicStride);
    w += <usize>(runs * fours) << 6;
    bias += 64;
    y += column << 4;
    q += group << 2;
  }
  if (n > 0) {
    if (ASC_FEATURE_SIMD) panel8(m, n, fours, runs, jump, a, aStride, shared ? settle(bias, columns, dynamic, space) : bias, columns, w, y, yStride, q, mode, output, dynamic, dynamicStride);
  }
}

/** Four columns of bias' - r * s. */
// @ts-ignore: decorator
@inline
function less(c: v128, r: v128, s: usize): v128 {
  return i32x4.sub(c, i32x4.mul(r, v128.load(s)));
}

/** bias' - r * s of 16 columns, which all rows share, to `space`. */
function settle(bias: usize, columns: usize, dynamic: usize, space: usize): usize {
  const r = v128.load32_splat(dynamic, 4);
  const s = bias + columns;
  v128.store(space, less(v128.load(bias), r, s));
  v128.store(space, less(v128.load(bias, 16), r, s + 16), 16);
  v128.store(space, less(v128.load(bias, 32), r, s + 32), 32);
  v128.store(space, less(v128.load(bias, 48), r, s + 48), 48);
  return space;
}

function panel16(
  m: i32,
  n: i32,
  fours: i32,
  runs: i32,
  jump: usize,
  a: usize,
  aStride: usize,
  bias: usize,
  columns: usize,
  w: usize,
  y: usize,
  yStride: usize,
  q: usize,
  group: usize,
  mode: i32,
  output: usize,
  dynamic: usize,
  dynamicStride: usize,
): void {
  const run = <usize>fours << 6;
  const s = bias + columns;
  for (let i = 0; i < m; i += 2) {
    const more = i + 1 < m;
    let a0 = a;
    let a1 = more ? a + aStride : a;
    const dynamic1 = more ? dynamic + dynamicStride : dynamic;
    let c00 = v128.load(bias);
    let c01 = v128.load(bias, 16);
    let c02 = v128.load(bias, 32);
    let c03 = v128.load(bias, 48);
    let c10 = c00;
    let c11 = c01;
    let c12 = c02;
    let c13 = c03;
    if (dynamicStride) {
      const r0 = v128.load32_splat(dynamic, 4);
      const r1 = v128.load32_splat(dynamic1, 4);
      c00 = less(c00, r0, s);
      c10 = less(c10, r1, s);
      c01 = less(c01, r0, s + 16);
      c11 = less(c11, r1, s + 16);
      c02 = less(c02, r0, s + 32);
      c12 = less(c12, r1, s + 32);
      c03 = less(c03, r0, s + 48);
      c13 = less(c13, r1, s + 48);
    }
    let b = w;
    for (let r = runs; r > 0; r--) {
      const end = b + run;
      while (b < end) {
        const x0 = v128.load32_splat(a0);
        const x1 = v128.load32_splat(a1);
        const b0 = v128.load(b);
        c00 = dotBytes(b0, x0, c00);
        c10 = dotBytes(b0, x1, c10);
        const b1 = v128.load(b, 16);
        c01 = dotBytes(b1, x0, c01);
        c11 = dotBytes(b1, x1, c11);
        const b2 = v128.load(b, 32);
        c02 = dotBytes(b2, x0, c02);
        c12 = dotBytes(b2, x1, c12);
        const b3 = v128.load(b, 48);
        c03 = dotBytes(b3, x0, c03);
        c13 = dotBytes(b3, x1, c13);
        a0 += 4;
        a1 += 4;
        b += 64;
      }
      a0 += jump;
      a1 += jump;
    }
    const y1 = more ? y + yStride : y;
    epilogue2x16(n, c00, c01, c02, c03, c10, c11, c12, c13, y, y1, q, group, mode, output, dynamic, dynamic1);
    a += 2 * aStride;
    y += 2 * yStride;
    dynamic += 2 * dynamicStride;
  }
}

function panel8(
  m: i32,
  n: i32,
  fours: i32,
  runs: i32,
  jump: usize,
  a: usize,
  aStride: usize,
  bias: usize,
  columns: usize,
  w: usize,
  y: usize,
  yStride: usize,
  q: usize,
  mode: i32,
  output: usize,
  dynamic: usize,
  dynamicStride: usize,
): void {
  const run = <usize>fours << 5;
  const s = bias + columns;
  for (let i = 0; i < m; i += 4) {
    let a0 = a;
    let a1 = i + 1 < m ? a0 + aStride : a0;
    let a2 = i + 2 < m ? a1 + aStride : a1;
    let a3 = i + 3 < m ? a2 + aStride : a2;
    const dynamic1 = i + 1 < m ? dynamic + dynamicStride : dynamic;
    const dynamic2 = i + 2 < m ? dynamic1 + dynamicStride : dynamic1;
    const dynamic3 = i + 3 < m ? dynamic2 + dynamicStride : dynamic2;
    let c00 = v128.load(bias);
    let c01 = v128.load(bias, 16);
    let c10 = c00;
    let c11 = c01;
    let c20 = c00;
    let c21 = c01;
    let c30 = c00;
    let c31 = c01;
    if (dynamicStride) {
      const r0 = v128.load32_splat(dynamic, 4);
      const r1 = v128.load32_splat(dynamic1, 4);
      const r2 = v128.load32_splat(dynamic2, 4);
      const r3 = v128.load32_splat(dynamic3, 4);
      c00 = less(c00, r0, s);
      c01 = less(c01, r0, s + 16);
      c10 = less(c10, r1, s);
      c11 = less(c11, r1, s + 16);
      c20 = less(c20, r2, s);
      c21 = less(c21, r2, s + 16);
      c30 = less(c30, r3, s);
      c31 = less(c31, r3, s + 16);
    }
    let b = w;
    for (let r = runs; r > 0; r--) {
      const end = b + run;
      while (b < end) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        const x0 = v128.load32_splat(a0);
        c00 = dotBytes(b0, x0, c00);
        c01 = dotBytes(b1, x0, c01);
        const x1 = v128.load32_splat(a1);
        c10 = dotBytes(b0, x1, c10);
        c11 = dotBytes(b1, x1, c11);
        const x2 = v128.load32_splat(a2);
        c20 = dotBytes(b0, x2, c20);
        c21 = dotBytes(b1, x2, c21);
        const x3 = v128.load32_splat(a3);
        c30 = dotBytes(b0, x3, c30);
        c31 = dotBytes(b1, x3, c31);
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        b += 32;
      }
      a0 += jump;
      a1 += jump;
      a2 += jump;
      a3 += jump;
    }
    const y1 = i + 1 < m ? y + yStride : y;
    const y2 = i + 2 < m ? y1 + yStride : y1;
    const y3 = i + 3 < m ? y2 + yStride : y2;
    epilogue4x8(n, c00, c01, c10, c11, c20, c21, c30, c31, y, y1, y2, y3, q, mode, output, dynamic, dynamic1, dynamic2, dynamic3);
    a += 4 * aStride;
    y += 4 * yStride;
    dynamic += 4 * dynamicStride;
  }
}
