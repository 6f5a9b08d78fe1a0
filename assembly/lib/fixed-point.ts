// Fixed-point functions as gemmlowp defines them, raw values in int32; used where TFLite's integer kernels use them.
import { roundingDivideByPOT, roundingDoublingHighMul } from './requantize';

/** x * 2^exponent with saturation. */
// @ts-ignore: decorator
@inline
function saturatingShiftLeft(x: i32, exponent: i32): i32 {
  const limit = i32.MAX_VALUE >> exponent;
  return x > limit ? i32.MAX_VALUE : x < ~limit ? i32.MIN_VALUE : x << exponent;
}

/** 1 / (1 + x) for x in [0, 1), both with 31 fractional bits: three Newton steps from a linear guess. */
export function oneOverOnePlus(x: i32): i32 {
  const half = <i32>((<i64>x + i32.MAX_VALUE + 1) >> 1);
  // 48/17 and -32/17 with two integer bits.
  let y = 1515870810 + roundingDoublingHighMul(half, -1010580540);
  for (let i = 0; i < 3; i++) {
    const rest = (1 << 29) - roundingDoublingHighMul(half, y);
    y += saturatingShiftLeft(roundingDoublingHighMul(y, rest), 2);
  }
  return saturatingShiftLeft(y, 1);
}

/** 1 / x for x > 0, times 2^(31 + the position of its highest bit). */
// @ts-ignore: decorator
@inline
export function reciprocal(x: i32): i32 {
  return oneOverOnePlus((x << <i32>clz(x)) ^ i32.MIN_VALUE);
}

/**
 * 1 / sqrt(x) = multiplier * 2^(-31 - right) for x >= 0: the multiplier in the low half, `right` in the high. 0 counts as 1.
 */
export function inverseSqrt(x: i32): i64 {
  if (x <= 1) return i32.MAX_VALUE;
  let right = 11;
  while (x >= 1 << 29) {
    x /= 4;
    right++;
  }
  // x = a * 4^-pairs with a in [2^27, 2^29).
  const pairs = (clz(x) - 1) / 2 - 1;
  right -= pairs;
  const a = x << (2 * pairs) >> 1;
  const half = roundingDivideByPOT(a, 1);
  // Newton's iteration v = 1.5 v - (a / 2) v^3 with three integer bits, from 1.
  let v = 1 << 28;
  for (let k = 0; k < 5; k++) {
    // Rescaled once at the end, as the reference does: from nine integer bits to three.
    const cube = saturatingShiftLeft(roundingDoublingHighMul(roundingDoublingHighMul(v, v), v), 6);
    const difference = roundingDoublingHighMul((1 << 28) + (1 << 27), v) - roundingDoublingHighMul(half, cube);
    v = saturatingShiftLeft(difference, 3);
  }
  let multiplier = roundingDoublingHighMul(v, 1518500250);
  if (right < 0) {
    multiplier <<= -right;
    right = 0;
  }
  return (<i64>right << 32) | <i64>multiplier;
}
