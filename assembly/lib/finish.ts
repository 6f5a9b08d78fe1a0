// What follows the accumulators of a quantized window operator: a row of int32 sums [pixels, stride] in scratch becomes
// a row of outputs [pixels, c]. Keeping the sums in a cached row costs a store and a load per four, and keeps the
// inner loops free of the arithmetic's variants.

import { clamp, clampx4, storeLanes32 } from './simd';
import { clampQuantized, EXACT, EXACT_RIGHT, FAST, groupBytes, narrowx16, requantize, requantizex4 } from './requantize';

/** The first `n` (1..15) bytes of x to y. */
function storeBytes(y: usize, x: v128, n: i32): void {
  if (n & 8) {
    v128.store64_lane(y, x, 0);
    x = v128.shuffle<i64>(x, x, 1, 1);
    y += 8;
  }
  let bits = i64x2.extract_lane(x, 0);
  if (n & 4) {
    store<u32>(y, <u32>bits);
    bits >>= 32;
    y += 4;
  }
  if (n & 2) {
    store<u16>(y, <u16>bits);
    bits >>= 16;
    y += 2;
  }
  if (n & 1) store<u8>(y, <u8>bits);
}

// @ts-ignore: decorator
@inline
function finishRow(
  acc: usize, q: usize, y: usize, pixels: i32, c: i32, stride: i32, zero: i32, lo: i32, hi: i32, flip: i32, mode: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    const vz = i16x8.splat(<i16>zero);
    const vlo = i8x16.splat(<i8>lo);
    const vhi = i8x16.splat(<i8>hi);
    const vf = i8x16.splat(<i8>flip);
    const group = <usize>groupBytes(mode);
    for (; pixels > 0; pixels--) {
      let a = acc;
      let p = q;
      let n = c;
      for (; n > 0; n -= 16) {
        const r = narrowx16(
          requantizex4(v128.load(a), p, mode),
          requantizex4(v128.load(a, 16), p + group, mode),
          n > 8 ? requantizex4(v128.load(a, 32), p + 2 * group, mode) : vz,
          n > 8 ? requantizex4(v128.load(a, 48), p + 3 * group, mode) : vz,
          vz, vlo, vhi, vf,
        );
        if (n < 16) {
          storeBytes(y, r, n);
          y += n;
          break;
        }
        v128.store(y, r);
        y += 16;
        a += 64;
        p += group << 2;
      }
      acc += <usize>stride << 2;
    }
  } else {
    for (; pixels > 0; pixels--) {
      for (let i = 0; i < c; i++) {
        const x = requantize(load<i32>(acc + (<usize>i << 2)), q, i, mode);
        store<u8>(y++, <u8>(clampQuantized(x, zero, lo, hi) ^ flip));
      }
      acc += <usize>stride << 2;
    }
  }
}

/**
 * int8 and uint8 outputs; q is a parameter block of lib/requantize. For uint8, `zero`, `lo` and `hi` come less 128,
 * with `flip` = 128. Reads acc up to 60 bytes past its last element.
 */
export function finishRowBytes(
  acc: usize, q: usize, y: usize, pixels: i32, c: i32, stride: i32, zero: i32, lo: i32, hi: i32, flip: i32, mode: i32,
): void {
  if (mode == FAST) finishRow(acc, q, y, pixels, c, stride, zero, lo, hi, flip, FAST);
  else if (mode == EXACT_RIGHT) finishRow(acc, q, y, pixels, c, stride, zero, lo, hi, flip, EXACT_RIGHT);
  else finishRow(acc, q, y, pixels, c, stride, zero, lo, hi, flip, EXACT);
}

/** Float outputs: clamp(acc * (scale * scales[c]) + bias[c]). Reads scales and bias up to 12 bytes past their end. */
export function finishRowFloats(
  acc: usize, scale: f32, scales: usize, bias: usize, y: usize, pixels: i32, c: i32, stride: i32, lo: f32, hi: f32,
): void {
  for (; pixels > 0; pixels--) {
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      for (; i < c; i += 4) {
        const at = <usize>i << 2;
        const s = f32x4.mul(f32x4.splat(scale), v128.load(scales + at));
        const x = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(v128.load(acc + at)), s), v128.load(bias + at));
        const r = clampx4(x, f32x4.splat(lo), f32x4.splat(hi));
        if (c - i >= 4) v128.store(y + at, r);
        else storeLanes32(y + at, r, c - i);
      }
    } else {
      for (; i < c; i++) {
        const at = <usize>i << 2;
        const s = scale * load<f32>(scales + at);
        store<f32>(y + at, clamp(<f32>load<i32>(acc + at) * s + load<f32>(bias + at), lo, hi));
      }
    }
    acc += <usize>stride << 2;
    y += <usize>c << 2;
  }
}

/**
 * An int16 output of channel `c`, with TFLite's 64-bit MultiplyByQuantizedMultiplier: the multiplier reduced to 15 bits, one
 * rounding half up. q holds, per channel, { bias: i64, reduced multiplier: i32, right shift: i32 }.
 */
// @ts-ignore: decorator
@inline
export function finishHalf(sum: i64, q: usize, c: i32, lo: i32, hi: i32): i16 {
  const p = q + (<usize>c << 4);
  const shift = <i64>load<i32>(p, 12);
  const r = ((sum + load<i64>(p)) * <i64>load<i32>(p, 8) + (<i64>1 << (shift - 1))) >> shift;
  return <i16>min(max(r, <i64>lo), <i64>hi);
}

/** int16 outputs; q as for finishHalf. */
export function finishRowHalves(
  acc: usize, q: usize, y: usize, pixels: i32, c: i32, stride: i32, lo: i32, hi: i32,
): void {
  for (; pixels > 0; pixels--) {
    for (let i = 0; i < c; i++) {
      store<i16>(y, finishHalf(<i64>load<i32>(acc + (<usize>i << 2)), q, i, lo, hi));
      y += 2;
    }
    acc += <usize>stride << 2;
  }
}
