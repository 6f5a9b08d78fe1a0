// i32x4.relaxed_dot_i8x16_i7x16_add_s multiplies int8 with values of 0 to 127. What it makes of other bytes is the machine's
// own: x86 with VNNI takes 0 to 255, Arm takes -128 to 127, both with exact sums; elsewhere 16-bit sums saturate or wrap.
import { RelaxedDot } from '../lib/opcodes';

/** What the instruction does here with the bytes of its second operand. */
export function relaxed_dot_kind(): RelaxedDot {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (takes(255, 128)) return RelaxedDot.UNSIGNED;
    if (takes(-1, -128)) return RelaxedDot.SIGNED;
  }
  return RelaxedDot.NONE;
}

/** Whether bytes of all ones count as `ones`, and those of the highest bit as `top`, beside both ends of int8. */
// @ts-ignore: decorator
@inline
function takes(ones: i32, top: i32): bool {
  const high = i8x16.splat(<i8>0x80);
  const low = i8x16.splat(127);
  const mixed = i16x8.splat(0x7f80);
  const all = i8x16.splat(-1);
  return (
    gives(low, all, 127 * 4 * ones) &&
    gives(high, all, -128 * 4 * ones) &&
    gives(mixed, all, -2 * ones) &&
    gives(low, high, 127 * 4 * top) &&
    gives(high, high, -128 * 4 * top) &&
    // Bytes ones, top, ones, top beside -128 and 127.
    gives(mixed, i16x8.splat(<i16>0x80ff), 2 * (127 * top - 128 * ones))
  );
}

/** Whether each lane is `sum`, beginning where it passes the end of int32. */
// @ts-ignore: decorator
@inline
function gives(weights: v128, bytes: v128, sum: i32): bool {
  const start = i32x4.splat(sum > 0 ? i32.MAX_VALUE : i32.MIN_VALUE);
  const got = i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, bytes, start);
  return i32x4.all_true(i32x4.eq(got, i32x4.add(start, i32x4.splat(sum))));
}
