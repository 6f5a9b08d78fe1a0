// From int32 accumulators to quantized values: y = zeroPoint + round(acc * real multiplier).
// Two arithmetics. `exact` is TFLite's reference: the real multiplier as multiplier * 2^(shift - 31), a doubling high
// multiply that rounds half up, then a right shift that rounds half away from zero. `fast` multiplies in float32 and
// rounds to nearest even, as XNNPACK does. Vector and scalar forms give the same bits.
// Parameter blocks (written by bindings/ops/shared/requantize.ts) hold groups of four channels:
// fast { scale[4]: f32 }, exact { multiplier[4], 1 << left[4], right[4]: i32 }, where right is 2^(31 - r), or 0 for r = 0.
// An output block says how requantized values become bytes: zero point (i16x8), lo, hi and flip (i8x16), and the bits of
// 1.5 * 2^23 less the zero point (i32x4). int8 and uint8 share the code: for uint8, zero point, lo and hi stand less 128, and
// flip = 128 undoes it (for int8, flip = 0).

// TFLite's matrix products on int8 (done by the ruy library) round once instead: half up, behind the whole shift.

/** How a parameter block is to be read; EXACT_RIGHT is EXACT where no channel shifts left and all have r >= 1. */
export const FAST: i32 = 0;
/** FAST where no product of accumulator and multiplier reaches 2^22, which needs no clamp on the way. */
export const FAST_SMALL: i32 = ~FAST;
export const EXACT_RIGHT: i32 = 1;
export const EXACT: i32 = 2;
/** As the two before it, with the single rounding. */
export const ONCE_RIGHT: i32 = 3;
export const ONCE: i32 = 4;
/** ONCE_RIGHT where no accumulator reaches 2^22, so that floats can do the rounding. */
export const ONCE_SMALL: i32 = ~ONCE_RIGHT;

// @ts-ignore: decorator
@inline
export function isFast(mode: i32): bool {
  return mode == FAST || mode == FAST_SMALL;
}

/** (a * b * 2 + 2^31) >> 32 with saturation: gemmlowp's SaturatingRoundingDoublingHighMul. */
// @ts-ignore: decorator
@inline
export function roundingDoublingHighMul(a: i32, b: i32): i32 {
  if (a == i32.MIN_VALUE && b == i32.MIN_VALUE) return i32.MAX_VALUE;
  return <i32>((<i64>a * <i64>b + (1 << 30)) >> 31);
}

/** x / 2^exponent, halves away from zero; exponent in 0..31. */
// @ts-ignore: decorator
@inline
export function roundingDivideByPOT(x: i32, exponent: i32): i32 {
  const mask = <i32>(((<i64>1) << exponent) - 1);
  return (x >> exponent) + i32((x & mask) > (mask >> 1) + i32(x < 0));
}

/** x * multiplier * 2^(shift - 31): TFLite's MultiplyByQuantizedMultiplier with its two roundings. */
// @ts-ignore: decorator
@inline
export function multiplyByQuantizedMultiplier(x: i32, multiplier: i32, shift: i32): i32 {
  const left = shift > 0 ? shift : 0;
  return roundingDivideByPOT(roundingDoublingHighMul(x << left, multiplier), left - shift);
}

/** The same for wider x, with the multiplier cut to 16 bits and one rounding: TFLite's form for int64 accumulators. */
// @ts-ignore: decorator
@inline
export function multiplyByReducedMultiplier(x: i64, multiplier: i32, shift: i32): i32 {
  const reduced: i64 = multiplier < 0x7fff0000 ? (multiplier + (1 << 15)) >> 16 : 0x7fff;
  const total = 15 - shift;
  return <i32>((x * reduced + ((<i64>1) << (total - 1))) >> total);
}

/** roundingDoublingHighMul in four lanes; -2^31 times -2^31 must not occur. */
// @ts-ignore: decorator
@inline
export function roundingDoublingHighMulx4(x: v128, m: v128): v128 {
  const half = i64x2.splat(1 << 30);
  const low = i64x2.shl(i64x2.add(i64x2.extmul_low_i32x4_s(x, m), half), 1);
  const high = i64x2.shl(i64x2.add(i64x2.extmul_high_i32x4_s(x, m), half), 1);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** x / 2^r, halves away from zero, with `rightMul` = 2^(31 - r), r in 1..31. */
// @ts-ignore: decorator
@inline
export function roundingDivideByPOTx4(x: v128, rightMul: v128): v128 {
  return roundingDoublingHighMulx4(i32x4.add(x, i32x4.shr_s(x, 31)), rightMul);
}

/** Exact requantization: `left` = 1 << left shift, `right` = 2^(31 - r) or 0 for r = 0. */
// @ts-ignore: decorator
@inline
export function requantizeExactx4(acc: v128, multiplier: v128, left: v128, right: v128): v128 {
  const x = roundingDoublingHighMulx4(i32x4.mul(acc, left), multiplier);
  return v128.bitselect(x, roundingDivideByPOTx4(x, right), i32x4.eq(right, i32x4.splat(0)));
}

/** Exact requantization where no lane shifts left and all have r >= 1: about two thirds of the work. */
// @ts-ignore: decorator
@inline
export function requantizeExactRightx4(acc: v128, multiplier: v128, right: v128): v128 {
  return roundingDivideByPOTx4(roundingDoublingHighMulx4(acc, multiplier), right);
}

/** floor(x * m / 2^31) in four lanes. */
// @ts-ignore: decorator
@inline
function doublingHighMulx4(x: v128, m: v128): v128 {
  const low = i64x2.shl(i64x2.extmul_low_i32x4_s(x, m), 1);
  const high = i64x2.shl(i64x2.extmul_high_i32x4_s(x, m), 1);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** Exact requantization with one rounding, half up, where no lane shifts left and all have r >= 1. */
// @ts-ignore: decorator
@inline
export function requantizeOnceRightx4(acc: v128, multiplier: v128, right: v128): v128 {
  return roundingDoublingHighMulx4(doublingHighMulx4(acc, multiplier), right);
}

/**
 * ONCE_SMALL, with `scale` as onceScalex4 gives it and `less` the last bits of an output block. acc * multiplier keeps two bits
 * more than are wanted, and is made odd: an exact half rounds up, and nothing else changes sides. Floats hold its 24 bits.
 */
// @ts-ignore: decorator
@inline
export function requantizeOnceSmallx4(acc: v128, multiplier: v128, scale: v128, less: v128): v128 {
  const low = i64x2.shl(i64x2.extmul_low_i32x4_s(acc, multiplier), 3);
  const high = i64x2.shl(i64x2.extmul_high_i32x4_s(acc, multiplier), 3);
  const x = v128.or(v128.shuffle<i32>(low, high, 1, 3, 5, 7), i32x4.splat(1));
  return i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(x), scale), f32x4.splat(12582912)), less);
}

/** 2^(-r - 2) for the group of parameters at `q`. */
// @ts-ignore: decorator
@inline
export function onceScalex4(q: usize): v128 {
  const scale: f32 = 1.0 / 8589934592.0;
  return f32x4.mul(f32x4.convert_i32x4_s(v128.load(q, 32)), f32x4.splat(scale));
}

/** Exact requantization with one rounding, half up. */
// @ts-ignore: decorator
@inline
export function requantizeOncex4(acc: v128, multiplier: v128, left: v128, right: v128): v128 {
  const x = i32x4.mul(acc, left);
  const whole = roundingDoublingHighMulx4(x, multiplier);
  return v128.bitselect(whole, requantizeOnceRightx4(x, multiplier, right), i32x4.eq(right, i32x4.splat(0)));
}

/**
 * Fast requantization: round to nearest even of f32(acc) * scale. Adding 1.5 * 2^23 leaves the rounded integer in the
 * low bits of the sum, which is cheaper than nearest and a saturating conversion. Results outside ±2^22 come out
 * as something beyond the same end: clamp to 16 bits or less afterwards.
 */
// @ts-ignore: decorator
@inline
export function requantizeFastx4(acc: v128, scale: v128): v128 {
  return roundFastx4(f32x4.mul(f32x4.convert_i32x4_s(acc), scale));
}

/** The rounding of requantizeFastx4. */
// @ts-ignore: decorator
@inline
export function roundFastx4(x: v128): v128 {
  const magic: f32 = 12582912;
  const high = f32x4.pmax(x, f32x4.splat(-4194304));
  return i32x4.sub(f32x4.add(high, f32x4.splat(magic)), i32x4.splat(reinterpret<i32>(magic)));
}

/** The scalar twin of requantizeFastx4 (equal after a clamp to 16 bits or less). */
// @ts-ignore: decorator
@inline
export function requantizeFast(acc: i32, scale: f32): i32 {
  return <i32>nearest<f32>(<f32>acc * scale);
}

/** Bytes of a parameter block per group of four channels. */
// @ts-ignore: decorator
@inline
export function groupBytes(mode: i32): i32 {
  return isFast(mode) ? 16 : 48;
}

/** Requantizes four channels with the group of parameters at `q`. */
// @ts-ignore: decorator
@inline
export function requantizex4(acc: v128, q: usize, mode: i32): v128 {
  if (mode == FAST) return requantizeFastx4(acc, v128.load(q));
  return requantizeIntegerx4(acc, v128.load(q), v128.load(q, 16), v128.load(q, 32), mode);
}

// Not inlined: the exact forms are long.
function requantizeIntegerx4(acc: v128, multiplier: v128, left: v128, right: v128, mode: i32): v128 {
  if (mode == ONCE_RIGHT) return requantizeOnceRightx4(acc, multiplier, right);
  if (mode == EXACT_RIGHT) return requantizeExactRightx4(acc, multiplier, right);
  if (mode == ONCE) return requantizeOncex4(acc, multiplier, left, right);
  return requantizeExactx4(acc, multiplier, left, right);
}

/** Requantizes channel `c` with the parameter block at `q`. */
export function requantize(acc: i32, q: usize, c: i32, mode: i32): i32 {
  const p = q + (c >> 2) * groupBytes(mode) + ((c & 3) << 2);
  if (isFast(mode)) return requantizeFast(acc, load<f32>(p));
  const multiplier = load<i32>(p);
  const right = load<i32>(p, 32);
  const x = acc * load<i32>(p, 16);
  if (!right) return roundingDoublingHighMul(x, multiplier);
  if (mode >= ONCE_RIGHT || mode == ONCE_SMALL) return roundingDoublingHighMul(<i32>((<i64>x * <i64>multiplier) >> 31), right);
  const high = roundingDoublingHighMul(x, multiplier);
  return roundingDoublingHighMul(high + (high >> 31), right);
}

/** Eight requantized channels as int16, zero point added; `output` is the output block. */
// @ts-ignore: decorator
@inline
export function narrowx8(a: v128, b: v128, output: usize): v128 {
  return i16x8.add_sat_s(i16x8.narrow_i32x4_s(a, b), v128.load(output));
}

/** Eight channels as narrowx8 and requantizeFastx4 give them, by FAST_SMALL. */
// @ts-ignore: decorator
@inline
export function requantizeSmallx8(a: v128, b: v128, q: usize, output: usize): v128 {
  const magic = f32x4.splat(12582912);
  const less = v128.load(output, 64);
  const x = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a), v128.load(q)), magic);
  const y = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(b), v128.load(q, 16)), magic);
  return i16x8.narrow_i32x4_s(i32x4.sub(x, less), i32x4.sub(y, less));
}

/** Sixteen bytes from two of narrowx8, clamped. */
// @ts-ignore: decorator
@inline
export function narrowBytes(a: v128, b: v128, output: usize): v128 {
  const bytes = i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(a, b), v128.load(output, 16)), v128.load(output, 32));
  return v128.xor(bytes, v128.load(output, 48));
}

/** The scalar twin of narrowx8 and narrowBytes. */
// @ts-ignore: decorator
@inline
export function narrow(x: i32, output: usize): u8 {
  const sum = min(max(x, -32768), 32767) + load<i16>(output);
  return <u8>min(max(sum, <i32>load<i8>(output, 16)), <i32>load<i8>(output, 32)) ^ load<u8>(output, 48);
}

/**
 * Sixteen requantized int32 as bytes: zero point added, clamped. int8 and uint8 share it: for uint8 pass `zeroPoint`, `lo`
 * and `hi` less 128 and `flip` = 128, for int8 `flip` = 0. zeroPoint is i16x8; lo, hi and flip are i8x16.
 */
// @ts-ignore: decorator
@inline
export function narrowx16(a: v128, b: v128, c: v128, d: v128, zeroPoint: v128, lo: v128, hi: v128, flip: v128): v128 {
  const ab = i16x8.add_sat_s(i16x8.narrow_i32x4_s(a, b), zeroPoint);
  const cd = i16x8.add_sat_s(i16x8.narrow_i32x4_s(c, d), zeroPoint);
  return v128.xor(i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(ab, cd), lo), hi), flip);
}

/** zeroPoint + x clamped to lo..hi (all in the output's own domain); the low byte is the stored value for int8 and uint8. */
// @ts-ignore: decorator
@inline
export function clampQuantized(x: i32, zeroPoint: i32, lo: i32, hi: i32): i32 {
  // Saturate first: the sum must not wrap.
  const y = min(max(x, -(1 << 24)), 1 << 24) + zeroPoint;
  return min(max(y, lo), hi);
}
