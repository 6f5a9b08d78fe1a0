// Reductions of 8- and 16-bit elements, x [outer, n, inner] to y [outer, inner]; units are outputs.
// Maxima and minima need no arithmetic on the quantization; they also serve ANY and ALL of booleans. Sums are of raw
// elements, into int32: zero points and scales are applied by the kernels of requantize-s32.
import { Max, Min, reduce } from '../lib/reduce';
import { multiplyByReducedMultiplier } from '../lib/requantize';

export function u8_reduce_max(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<u8, Max<u8>>(x, y, n, inner, 0, 1, begin, end);
}

export function u8_reduce_min(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<u8, Min<u8>>(x, y, n, inner, u8.MAX_VALUE, 1, begin, end);
}

export function s8_reduce_max(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i8, Max<i8>>(x, y, n, inner, i8.MIN_VALUE, 1, begin, end);
}

export function s8_reduce_min(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i8, Min<i8>>(x, y, n, inner, i8.MAX_VALUE, 1, begin, end);
}

export function s16_reduce_max(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i16, Max<i16>>(x, y, n, inner, i16.MIN_VALUE, 1, begin, end);
}

export function s16_reduce_min(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  reduce<i16, Min<i16>>(x, y, n, inner, i16.MAX_VALUE, 1, begin, end);
}

/** Sums of pairs of lanes of T (8 or 16 bits), pairs of pairs for 8 bits: four int32 whose sum is that of all lanes. */
// @ts-ignore: decorator
@inline
function widenedSum<T>(v: v128): v128 {
  if (sizeof<T>() == 2) return i32x4.dot_i16x8_s(v, i16x8.splat(1));
  return i32x4.extadd_pairwise_i16x8_s(
    isSigned<T>() ? i16x8.extadd_pairwise_i8x16_s(v) : i16x8.extadd_pairwise_i8x16_u(v),
  );
}

/** Sum of n contiguous elements. */
// @ts-ignore: decorator
@inline
function sumRun<T>(p: usize, n: i32): i32 {
  let acc = 0;
  let r = 0;
  if (ASC_FEATURE_SIMD) {
    const lanes = <i32>(16 / sizeof<T>());
    let v = i32x4.splat(0);
    for (; r + lanes <= n; r += lanes) v = i32x4.add(v, widenedSum<T>(v128.load(p + r * sizeof<T>())));
    v = i32x4.add(v, v128.shuffle<i64>(v, v, 1, 0));
    acc = i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1);
  }
  for (; r < n; r++) acc += load<T>(p + r * sizeof<T>());
  return acc;
}

/** Four elements as int32. */
// @ts-ignore: decorator
@inline
function load4<T>(p: usize): v128 {
  if (sizeof<T>() == 2) return v128.load16x4_s(p);
  const v = v128.load32_zero(p);
  return isSigned<T>()
    ? i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v))
    : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v));
}

// @ts-ignore: decorator
@inline
function sum<T>(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  if (inner == 1) {
    for (let i = begin; i < end; i++) store<i32>(y + (i << 2), sumRun<T>(x + <usize>i * n * sizeof<T>(), n));
    return;
  }
  const stride = <usize>inner * sizeof<T>();
  while (begin < end) {
    const o = begin / inner;
    let c = begin - o * inner;
    const stop = min(inner, c + end - begin);
    begin += stop - c;
    const source = x + <usize>o * n * stride;
    const target = y + (<usize>o * inner << 2);
    if (ASC_FEATURE_SIMD) {
      // 16 columns, so that a cache line of bytes is not read more than four times.
      for (; c + 16 <= stop; c += 16) {
        let p = source + c * sizeof<T>();
        let v0 = i32x4.splat(0);
        let v1 = v0;
        let v2 = v0;
        let v3 = v0;
        for (let r = 0; r < n; r++, p += stride) {
          v0 = i32x4.add(v0, load4<T>(p));
          v1 = i32x4.add(v1, load4<T>(p + 4 * sizeof<T>()));
          v2 = i32x4.add(v2, load4<T>(p + 8 * sizeof<T>()));
          v3 = i32x4.add(v3, load4<T>(p + 12 * sizeof<T>()));
        }
        const q = target + (c << 2);
        v128.store(q, v0);
        v128.store(q, v1, 16);
        v128.store(q, v2, 32);
        v128.store(q, v3, 48);
      }
    }
    for (; c < stop; c++) {
      let p = source + c * sizeof<T>();
      let acc = 0;
      for (let r = 0; r < n; r++, p += stride) acc += load<T>(p);
      store<i32>(target + (c << 2), acc);
    }
  }
}

export function u8_s32_reduce_sum(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  sum<u8>(x, y, n, inner, begin, end);
}

export function s8_s32_reduce_sum(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  sum<i8>(x, y, n, inner, begin, end);
}

export function s16_s32_reduce_sum(x: usize, y: usize, n: i32, inner: i32, begin: i32, end: i32): void {
  sum<i16>(x, y, n, inner, begin, end);
}

/**
 * Quantized product: the first element less its zero point, then for each further one acc * (x - zeroPoint) rescaled, and
 * one more rescale of the result: TFLite spreads the output's scale evenly over the factors. Elements of output i are at
 * starts[i] + steps[0..n) (element offsets): rounding makes the order matter, so several axes can't be done in turns.
 */
// @ts-ignore: decorator
@inline
function quantizedProd<T>(
  x: usize, y: usize, starts: usize, steps: usize, n: i32, zeroPoint: i32, multiplier: i32, shift: i32, outputZeroPoint: i32,
  begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const p = x + <usize>load<i32>(starts + (i << 2)) * sizeof<T>();
    let acc = <i32>load<T>(p + <usize>load<i32>(steps) * sizeof<T>()) - zeroPoint;
    for (let r = 1; r < n; r++) {
      const v = <i32>load<T>(p + <usize>load<i32>(steps + (r << 2)) * sizeof<T>()) - zeroPoint;
      acc = multiplyByReducedMultiplier(<i64>acc * v, multiplier, shift);
    }
    acc = multiplyByReducedMultiplier(acc, multiplier, shift) + outputZeroPoint;
    const limit = 1 << (8 * <i32>sizeof<T>() - 1);
    store<T>(y + i * sizeof<T>(), <T>min(max(acc, -limit), limit - 1));
  }
}

export function qs8_reduce_prod(
  x: usize, y: usize, starts: usize, steps: usize, n: i32, zeroPoint: i32, multiplier: i32, shift: i32, outputZeroPoint: i32,
  begin: i32, end: i32,
): void {
  quantizedProd<i8>(x, y, starts, steps, n, zeroPoint, multiplier, shift, outputZeroPoint, begin, end);
}

export function qs16_reduce_prod(
  x: usize, y: usize, starts: usize, steps: usize, n: i32, zeroPoint: i32, multiplier: i32, shift: i32, outputZeroPoint: i32,
  begin: i32, end: i32,
): void {
  quantizedProd<i16>(x, y, starts, steps, n, zeroPoint, multiplier, shift, outputZeroPoint, begin, end);
}
