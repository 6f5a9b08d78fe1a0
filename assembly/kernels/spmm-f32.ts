// Float product with sparse weights: y[m, n] = clamp(bias[n] + sum over k of a[m, k] * w[n, k]) where most w are zero.
// Rows of a are turned so that a vector holds one element of four rows; then each weight that is not zero costs one
// multiplication a vector, and the others nothing. 48 rows at a time: twelve sums that do not wait for each other, and share
// what a weight costs besides.
// Weights: for each column { bias, count, count x { 192 k, w } }, in order, so results do not depend on the split of rows,
// and equal those of the dense product as long as a is finite.
import { clamp, clampx4, madd } from '../lib/simd';

/** Rows at a time, as bytes of a turned column. */
const TURNED = 192;

/** Turns four vectors from `a`, `aStep` apart, into four at `y`, `yStep` apart; from `rows` on, rows are not there. */
// @ts-ignore: decorator
@inline
function turn(v0: v128, v1: v128, v2: v128, v3: v128, y: usize, yStep: usize, rows: i32): void {
  const a = v128.shuffle<i32>(v0, v1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(v2, v3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(v0, v1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(v2, v3, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(a, b, 0, 2));
  if (rows > 1) v128.store(y + yStep, v128.shuffle<i64>(a, b, 1, 3));
  if (rows > 2) v128.store(y + 2 * yStep, v128.shuffle<i64>(c, d, 0, 2));
  if (rows > 3) v128.store(y + 3 * yStep, v128.shuffle<i64>(c, d, 1, 3));
}

/** Columns [k, 48] of `rows` rows (48 at most); those that are missing repeat the last. k is a multiple of four. */
function turnRows(rows: i32, k: i32, a: usize, y: usize): void {
  const step = <usize>k << 2;
  for (let i = 0; i < rows; i += 4, y += 16) {
    const a0 = a + <usize>i * step;
    const a1 = i + 1 < rows ? a0 + step : a0;
    const a2 = i + 2 < rows ? a1 + step : a1;
    const a3 = i + 3 < rows ? a2 + step : a2;
    let t = y;
    for (let p: usize = 0; p < step; p += 16, t += 4 * TURNED) {
      turn(v128.load(a0 + p), v128.load(a1 + p), v128.load(a2 + p), v128.load(a3 + p), t, TURNED, 4);
    }
  }
}

/**
 * Units are 24 rows, half of what is done at a time: so threads that share few rows get little that is done in vain. n and k
 * are multiples of four.
 * @param w as above, made by bindings/ops/shared/sparse-product.ts
 * @param scratch 192 (k + 4) bytes
 */
export function f32_spmm(
  m: i32, n: i32, k: i32, a: usize, w: usize, y: usize, scratch: usize, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  const first = begin * 24;
  const last = min(m, end * 24);
  const yStep = <usize>n << 2;
  if (ASC_FEATURE_SIMD) {
    const l = f32x4.splat(lo);
    const h = f32x4.splat(hi);
    const sums = scratch + <usize>k * TURNED;
    for (let i = first; i < last; i += 48) {
      const rows = min(48, last - i);
      turnRows(rows, k, a + (<usize>(i * k) << 2), scratch);
      let p = w;
      for (let j = 0; j < n; j++) {
        let s0 = v128.load32_splat(p);
        let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0, s9 = s0, s10 = s0, s11 = s0;
        const stop = p + (<usize>load<u32>(p, 4) << 3);
        if (rows > 24) {
          while (p < stop) {
            p += 8;
            const v = v128.load32_splat(p, 4);
            const t = scratch + load<u32>(p);
            s0 = madd(v, v128.load(t), s0);
            s1 = madd(v, v128.load(t, 16), s1);
            s2 = madd(v, v128.load(t, 32), s2);
            s3 = madd(v, v128.load(t, 48), s3);
            s4 = madd(v, v128.load(t, 64), s4);
            s5 = madd(v, v128.load(t, 80), s5);
            s6 = madd(v, v128.load(t, 96), s6);
            s7 = madd(v, v128.load(t, 112), s7);
            s8 = madd(v, v128.load(t, 128), s8);
            s9 = madd(v, v128.load(t, 144), s9);
            s10 = madd(v, v128.load(t, 160), s10);
            s11 = madd(v, v128.load(t, 176), s11);
          }
        } else {
          while (p < stop) {
            p += 8;
            const v = v128.load32_splat(p, 4);
            const t = scratch + load<u32>(p);
            s0 = madd(v, v128.load(t), s0);
            s1 = madd(v, v128.load(t, 16), s1);
            s2 = madd(v, v128.load(t, 32), s2);
            s3 = madd(v, v128.load(t, 48), s3);
            s4 = madd(v, v128.load(t, 64), s4);
            s5 = madd(v, v128.load(t, 80), s5);
          }
        }
        p += 8;
        const o = sums + (j & 3) * TURNED;
        v128.store(o, clampx4(s0, l, h));
        v128.store(o, clampx4(s1, l, h), 16);
        v128.store(o, clampx4(s2, l, h), 32);
        v128.store(o, clampx4(s3, l, h), 48);
        v128.store(o, clampx4(s4, l, h), 64);
        v128.store(o, clampx4(s5, l, h), 80);
        v128.store(o, clampx4(s6, l, h), 96);
        v128.store(o, clampx4(s7, l, h), 112);
        v128.store(o, clampx4(s8, l, h), 128);
        v128.store(o, clampx4(s9, l, h), 144);
        v128.store(o, clampx4(s10, l, h), 160);
        v128.store(o, clampx4(s11, l, h), 176);
        if ((j & 3) != 3) continue;
        let t = sums;
        let yr = y + <usize>i * yStep + (<usize>(j - 3) << 2);
        for (let r = rows; r > 0; r -= 4, t += 16, yr += 4 * yStep) {
          turn(v128.load(t), v128.load(t, TURNED), v128.load(t, 2 * TURNED), v128.load(t, 3 * TURNED), yr, yStep, r);
        }
      }
    }
  } else {
    for (let i = first; i < last; i++) {
      const x = a + (<usize>(i * k) << 2);
      let p = w;
      for (let j = 0; j < n; j++) {
        let sum = load<f32>(p);
        const stop = p + (<usize>load<u32>(p, 4) << 3);
        while (p < stop) {
          p += 8;
          sum += load<f32>(x + load<u32>(p) / (TURNED / 4)) * load<f32>(p, 4);
        }
        p += 8;
        store<f32>(y + <usize>i * yStep + (<usize>j << 2), clamp(sum, lo, hi));
      }
    }
  }
}
