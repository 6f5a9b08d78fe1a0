// Fixed-point functions as gemmlowp defines them, raw values in int32; used where TFLite's integer kernels use them.
import { roundingDoublingHighMul } from './requantize';

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
