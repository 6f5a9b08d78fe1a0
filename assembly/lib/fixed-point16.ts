// gemmlowp's logistic and tanh on int16, eight lanes at a time, each with a scalar twin; results have 15 fractional bits.
// e^x for x <= 0: the remainder below a quarter by a series around -1/8, the rest by a factor for each bit. Then
// 1 / (1 + e) and (1 - e) / (1 + e) by three Newton steps. i16x8.q15mulr_sat_s is gemmlowp's rounding doubling high multiply.

/** a * b with 15 fractional bits, halves up. */
// @ts-ignore: decorator
@inline
function mul16(a: i32, b: i32): i32 {
  return min((a * b + 0x4000) >> 15, 32767);
}

// @ts-ignore: decorator
@inline
export function saturate16(x: i32): i32 {
  return min(max(x, -32768), 32767);
}

/** x / 2, halves away from zero. */
// @ts-ignore: decorator
@inline
function halvex8(x: v128): v128 {
  return i16x8.q15mulr_sat_s(i16x8.add(x, i16x8.shr_s(x, 15)), i16x8.splat(0x4000));
}

// @ts-ignore: decorator
@inline
function factorx8(y: v128, rest: v128, bit: i32, factor: i16): v128 {
  // Bits that the format does not have are never set, or fall off.
  const clear = i16x8.eq(v128.and(rest, i16x8.splat(<i16>bit)), i16x8.splat(0));
  return v128.bitselect(y, i16x8.q15mulr_sat_s(y, i16x8.splat(factor)), clear);
}

/** e^x for x <= 0 with `bits` fractional bits, 8..14. */
// @ts-ignore: decorator
@inline
function expx8(x: v128, bits: i32): v128 {
  const quarter = 1 << (bits - 2);
  const remainder = i16x8.sub(v128.and(x, i16x8.splat(<i16>(quarter - 1))), i16x8.splat(<i16>quarter));
  const d = i16x8.add(i16x8.shl(remainder, 15 - bits), i16x8.splat(4096));
  const d2 = i16x8.q15mulr_sat_s(d, d);
  const d3 = i16x8.q15mulr_sat_s(d2, d);
  const d4 = i16x8.q15mulr_sat_s(d2, d2);
  // d4 is not negative: half up is away from zero.
  const fourth = i16x8.q15mulr_sat_s(d4, i16x8.splat(0x2000));
  const series = halvex8(i16x8.add(i16x8.q15mulr_sat_s(i16x8.add(fourth, d3), i16x8.splat(10923)), d2));
  const atEighth = i16x8.splat(28918);
  let y = i16x8.add_sat_s(atEighth, i16x8.q15mulr_sat_s(atEighth, i16x8.add(d, series)));
  const rest = i16x8.sub(remainder, x);
  y = factorx8(y, rest, quarter, 25520);
  y = factorx8(y, rest, quarter << 1, 19875);
  y = factorx8(y, rest, quarter << 2, 12055);
  y = factorx8(y, rest, quarter << 3, 4435);
  y = factorx8(y, rest, quarter << 4, 600);
  y = factorx8(y, rest, quarter << 5, 11);
  // From 16 on nothing is left.
  y = v128.andnot(y, i16x8.ge_s(rest, i16x8.splat(<i16>min(16 << bits, 32767))));
  return v128.bitselect(i16x8.splat(32767), y, i16x8.eq(x, i16x8.splat(0)));
}

function factor(y: i32, rest: i32, bit: i32, factor: i32): i32 {
  return rest & bit ? mul16(y, factor) : y;
}

/** The scalar twin of expx8. */
function exp(x: i32, bits: i32): i32 {
  if (x == 0) return 32767;
  const quarter = 1 << (bits - 2);
  const remainder = (x & (quarter - 1)) - quarter;
  const rest = remainder - x;
  if (rest >= 16 << bits) return 0;
  const d = (remainder << (15 - bits)) + 4096;
  const d2 = mul16(d, d);
  const d3 = mul16(d2, d);
  const fourth = (mul16(d2, d2) + 2) >> 2;
  const sum = mul16(fourth + d3, 10923) + d2;
  let y = saturate16(28918 + mul16(28918, d + ((sum + 1 + (sum >> 31)) >> 1)));
  y = factor(y, rest, quarter, 25520);
  y = factor(y, rest, quarter << 1, 19875);
  y = factor(y, rest, quarter << 2, 12055);
  y = factor(y, rest, quarter << 3, 4435);
  y = factor(y, rest, quarter << 4, 600);
  return factor(y, rest, quarter << 5, 11);
}

/** 2 / (1 + x) with two integer bits, x in [0, 1]. */
// @ts-ignore: decorator
@inline
function twoOverOnePlusx8(x: v128): v128 {
  const half = i16x8.avgr_u(x, i16x8.splat(32767));
  let y = newtonx8(i16x8.add(i16x8.splat(23130), i16x8.q15mulr_sat_s(half, i16x8.splat(-15420))), half);
  y = newtonx8(y, half);
  return newtonx8(y, half);
}

// @ts-ignore: decorator
@inline
function newtonx8(y: v128, half: v128): v128 {
  const rest = i16x8.sub(i16x8.splat(8192), i16x8.q15mulr_sat_s(half, y));
  return i16x8.add(y, timesFourx8(i16x8.q15mulr_sat_s(y, rest)));
}

// @ts-ignore: decorator
@inline
function timesFourx8(x: v128): v128 {
  const twice = i16x8.add_sat_s(x, x);
  return i16x8.add_sat_s(twice, twice);
}

/** The scalar twin of twoOverOnePlusx8. */
function twoOverOnePlus(x: i32): i32 {
  const half = (x + 32768) >> 1;
  let y = 23130 + mul16(half, -15420);
  for (let i = 0; i < 3; i++) y += saturate16(mul16(y, 8192 - mul16(half, y)) << 2);
  return y;
}

/** 1 / (1 + e^-x), x with 12 fractional bits. */
export function logistic16x8(x: v128): v128 {
  const z = twoOverOnePlusx8(expx8(i16x8.neg(i16x8.abs(x)), 12));
  const s = i16x8.add_sat_s(z, z);
  const zero = i16x8.splat(0);
  const y = v128.bitselect(i16x8.sub(i16x8.splat(32767), s), s, i16x8.lt_s(x, zero));
  return v128.bitselect(i16x8.splat(16384), y, i16x8.eq(x, zero));
}

/** The scalar twin of logistic16x8. */
export function logistic16(x: i32): i32 {
  if (x == 0) return 16384;
  const s = saturate16(twoOverOnePlus(exp(-abs(x), 12)) << 1);
  return x < 0 ? 32767 - s : s;
}

/** tanh x; `bits` are the fractional bits of 2x (one less than x has), 8..14. */
export function tanh16x8(x: v128, bits: i32): v128 {
  const e = expx8(i16x8.neg(i16x8.abs(x)), bits);
  const t = timesFourx8(i16x8.sub(twoOverOnePlusx8(e), i16x8.splat(8192)));
  const zero = i16x8.splat(0);
  const y = v128.bitselect(i16x8.neg(t), t, i16x8.lt_s(x, zero));
  return v128.andnot(y, i16x8.eq(x, zero));
}

/** The scalar twin of tanh16x8. */
export function tanh16(x: i32, bits: i32): i32 {
  if (x == 0) return 0;
  const t = saturate16((twoOverOnePlus(exp(-abs(x), bits)) - 8192) << 2);
  return x < 0 ? -t : t;
}
