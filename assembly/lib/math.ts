// Elementary functions in float32, four lanes at a time, each with a scalar twin of the same formula: the scalar build and
// the simd build give equal bits (relaxed fuses the multiply-adds). Errors are at most 3 units in the last place.
//   exp(x) = 2^n * (1 + p(r)), r = x - n ln 2, |r| <= ln2/2, p(r) = r + r^2 q(r), q a minimax polynomial of degree 4
//   log(2^k m) = k ln 2 + log m, m in [sqrt 1/2, sqrt 2), by the atanh series in s = (m - 1) / (m + 1)
// NaN stays NaN everywhere; overflow gives infinity, underflow goes through the subnormals to 0.
import { clamp, clampx4, madd, selectx4 } from './simd';

const LOG2E: f32 = 1.44269504088896;
// ln 2 in two parts: the first has so few bits that n * LN2_HIGH is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440054690583e-4;
// Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the sum.
const ROUND: f32 = 12582912;
const ROUND_BITS: i32 = 0x4b400000;

const Q0: f32 = 0.500000002859;
const Q1: f32 = 0.166665733611;
const Q2: f32 = 0.0416663634021;
const Q3: f32 = 0.00836377614291;
const Q4: f32 = 0.00139421652571;

/** e^r - 1 for |r| <= ln2/2. */
// @ts-ignore: decorator
@inline
function reducedExpm1x4(r: v128): v128 {
  let q = madd(f32x4.splat(Q4), r, f32x4.splat(Q3));
  q = madd(q, r, f32x4.splat(Q2));
  q = madd(q, r, f32x4.splat(Q1));
  q = madd(q, r, f32x4.splat(Q0));
  return madd(f32x4.mul(r, r), q, r);
}

// @ts-ignore: decorator
@inline
function reducedExpm1(r: f32): f32 {
  return r * r * ((((Q4 * r + Q3) * r + Q2) * r + Q1) * r + Q0) + r;
}

// @ts-ignore: decorator
@inline
function reducex4(x: v128, n: v128): v128 {
  return madd(n, f32x4.splat(-LN2_LOW), madd(n, f32x4.splat(-LN2_HIGH), x));
}

// @ts-ignore: decorator
@inline
function reduce(x: f32, n: f32): f32 {
  return n * -LN2_LOW + (n * -LN2_HIGH + x);
}

/** 2^e, e in -126..127. */
// @ts-ignore: decorator
@inline
function powerOfTwox4(e: v128): v128 {
  return i32x4.shl(i32x4.add(e, i32x4.splat(127)), 23);
}

// @ts-ignore: decorator
@inline
function powerOfTwo(e: i32): f32 {
  return reinterpret<f32>((e + 127) << 23);
}

/** e^x. */
// @ts-ignore: decorator
@inline
export function expx4(x: v128): v128 {
  const c = clampx4(x, f32x4.splat(-104), f32x4.splat(89));
  const t = madd(c, f32x4.splat(LOG2E), f32x4.splat(ROUND));
  const p = reducedExpm1x4(reducex4(c, f32x4.sub(t, f32x4.splat(ROUND))));
  // In two factors, since 2^n alone would overflow at n = 128 and underflow below -126.
  const e = i32x4.sub(t, i32x4.splat(ROUND_BITS));
  const half = i32x4.shr_s(e, 1);
  const s = powerOfTwox4(half);
  return f32x4.mul(madd(p, s, s), powerOfTwox4(i32x4.sub(e, half)));
}

/** The scalar twin of expx4. */
// @ts-ignore: decorator
@inline
export function exp(x: f32): f32 {
  const c = clamp(x, -104, 89);
  const t = c * LOG2E + ROUND;
  const p = reducedExpm1(reduce(c, t - ROUND));
  const e = reinterpret<i32>(t) - ROUND_BITS;
  const half = e >> 1;
  const s = powerOfTwo(half);
  return (p * s + s) * powerOfTwo(e - half);
}

// The least x whose e^x is a normal number.
const LOWEST: f32 = -87.33654;
/** ROUND with a float's exponent bias: shifted left by 23, the sum is 2^n. */
const ROUND_BIASED: f32 = 12583039;

/** e^x for x in LOWEST..88. */
// @ts-ignore: decorator
@inline
function expNormalx4(x: v128): v128 {
  const t = madd(x, f32x4.splat(LOG2E), f32x4.splat(ROUND_BIASED));
  const p = reducedExpm1x4(reducex4(x, f32x4.sub(t, f32x4.splat(ROUND_BIASED))));
  const s = i32x4.shl(t, 23);
  return madd(p, s, s);
}

/** The scalar twin of expNormalx4. */
// @ts-ignore: decorator
@inline
function expNormal(x: f32): f32 {
  const t = x * LOG2E + ROUND_BIASED;
  const p = reducedExpm1(reduce(x, t - ROUND_BIASED));
  const s = reinterpret<f32>(reinterpret<i32>(t) << 23);
  return p * s + s;
}

/** e^x for x <= 0, where what is below the normal numbers is 0: computing with subnormals costs a hundred cycles. */
// @ts-ignore: decorator
@inline
export function expNonPositivex4(x: v128): v128 {
  const low = f32x4.lt(x, f32x4.splat(LOWEST));
  return v128.andnot(expNormalx4(v128.andnot(x, low)), low);
}

/** The scalar twin of expNonPositivex4. */
// @ts-ignore: decorator
@inline
export function expNonPositive(x: f32): f32 {
  return x < LOWEST ? <f32>0 : expNormal(x);
}

/** e^x - 1 for x <= 0, with small relative error near 0 too. */
// @ts-ignore: decorator
@inline
export function expm1NonPositivex4(x: v128): v128 {
  const c = f32x4.pmax(x, f32x4.splat(-20));
  const t = madd(c, f32x4.splat(LOG2E), f32x4.splat(ROUND));
  const p = reducedExpm1x4(reducex4(c, f32x4.sub(t, f32x4.splat(ROUND))));
  const s = powerOfTwox4(i32x4.sub(t, i32x4.splat(ROUND_BITS)));
  return madd(p, s, f32x4.sub(s, f32x4.splat(1)));
}

/** The scalar twin of expm1NonPositivex4. */
// @ts-ignore: decorator
@inline
export function expm1NonPositive(x: f32): f32 {
  const c: f32 = x < -20 ? -20 : x;
  const t = c * LOG2E + ROUND;
  const p = reducedExpm1(reduce(c, t - ROUND));
  const s = powerOfTwo(reinterpret<i32>(t) - ROUND_BITS);
  return p * s + (s - 1);
}

/** tanh x = -e / (2 + e) for x >= 0, with e = expm1(-2x). */
// @ts-ignore: decorator
@inline
export function tanhx4(x: v128): v128 {
  const e = expm1NonPositivex4(f32x4.mul(f32x4.abs(x), f32x4.splat(-2)));
  const y = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  return v128.bitselect(x, y, i32x4.splat(i32.MIN_VALUE));
}

/** The scalar twin of tanhx4. */
// @ts-ignore: decorator
@inline
export function tanh(x: f32): f32 {
  const e = expm1NonPositive(abs(x) * -2);
  return copysign<f32>(e / (e + 2), x);
}

/** 1 / (1 + e^-x). */
// @ts-ignore: decorator
@inline
export function logisticx4(x: v128): v128 {
  const one = f32x4.splat(1);
  const z = expNonPositivex4(v128.or(x, i32x4.splat(i32.MIN_VALUE)));
  return f32x4.div(selectx4(z, one, i32x4.shr_s(x, 31)), f32x4.add(z, one));
}

/** The scalar twin of logisticx4. */
// @ts-ignore: decorator
@inline
export function logistic(x: f32): f32 {
  const z = expNonPositive(-abs(x));
  return (reinterpret<i32>(x) < 0 ? z : <f32>1) / (z + 1);
}

const L0: f32 = 0.666666852906;
const L1: f32 = 0.399887088983;
const L2: f32 = 0.295824976268;
const SQRT_HALF_BITS: i32 = 0x3f3504f3;
const ONE_BITS: i32 = 0x3f800000;

/** log x; -infinity at 0, NaN below. */
// @ts-ignore: decorator
@inline
export function logx4(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const u = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, subnormal);
  const i = i32x4.add(u, i32x4.splat(ONE_BITS - SQRT_HALF_BITS));
  const e = i32x4.sub(i32x4.sub(i32x4.shr_s(i, 23), i32x4.splat(127)), v128.and(subnormal, i32x4.splat(23)));
  const k = f32x4.convert_i32x4_s(e);
  const m = i32x4.add(v128.and(i, i32x4.splat(0x7fffff)), i32x4.splat(SQRT_HALF_BITS));
  const f = f32x4.sub(m, f32x4.splat(1));
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  const r = f32x4.mul(z, madd(madd(f32x4.splat(L2), z, f32x4.splat(L1)), z, f32x4.splat(L0)));
  const h = f32x4.mul(f32x4.mul(f, f32x4.splat(0.5)), f);
  const low = madd(s, f32x4.add(h, r), f32x4.mul(k, f32x4.splat(LN2_LOW)));
  const y = madd(k, f32x4.splat(LN2_HIGH), f32x4.sub(f, f32x4.sub(h, low)));
  const infinity = f32x4.splat(Infinity);
  const finite = v128.bitselect(x, y, f32x4.eq(x, infinity));
  const positive = v128.bitselect(f32x4.neg(infinity), finite, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(positive, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

/** The scalar twin of logx4. */
// @ts-ignore: decorator
@inline
export function log(x: f32): f32 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  const subnormal = x < 1.17549435e-38;
  const i = reinterpret<i32>(subnormal ? x * 8388608 : x) + (ONE_BITS - SQRT_HALF_BITS);
  const k = <f32>((i >> 23) - 127 - (subnormal ? 23 : 0));
  const f = reinterpret<f32>((i & 0x7fffff) + SQRT_HALF_BITS) - 1;
  const s = f / (f + 2);
  const z = s * s;
  const r = z * ((L2 * z + L1) * z + L0);
  const h = f * 0.5 * f;
  const low = s * (h + r) + k * LN2_LOW;
  return k * LN2_HIGH + (f - (h - low));
}

// e^(a^2/2) times the upper tail of the normal distribution at a is (1/2 + N1 a + ... + N4 a^4) / (1 + D1 a + ... + D5 a^5).
const N1: f32 = 0.43545248736;
const N2: f32 = 0.18113450267;
const N3: f32 = 0.039926347441;
const N4: f32 = 0.0040116643926;
const D1: f32 = 1.6687898886;
const D2: f32 = 1.1937666115;
const D3: f32 = 0.46392572709;
const D4: f32 = 0.10008798079;
const D5: f32 = 0.010055605916;
/** Beyond it that tail is taken for 0: its product with e^(-a^2/2) would no longer be normal. */
const TAIL: f32 = 12.9;

/** x times the probability that a standard normal variable is below x; the smaller tail has no cancellation. */
// @ts-ignore: decorator
@inline
export function gelux4(x: v128): v128 {
  const one = f32x4.splat(1);
  const a = f32x4.abs(x);
  const far = f32x4.gt(a, f32x4.splat(TAIL));
  const c = v128.andnot(a, far);
  let n = madd(f32x4.splat(N4), c, f32x4.splat(N3));
  n = madd(n, c, f32x4.splat(N2));
  n = madd(n, c, f32x4.splat(N1));
  n = madd(n, c, f32x4.splat(0.5));
  let d = madd(f32x4.splat(D5), c, f32x4.splat(D4));
  d = madd(d, c, f32x4.splat(D3));
  d = madd(d, c, f32x4.splat(D2));
  d = madd(d, c, f32x4.splat(D1));
  d = madd(d, c, one);
  const e = expNormalx4(f32x4.mul(f32x4.mul(c, f32x4.splat(-0.5)), c));
  const tail = v128.andnot(f32x4.div(f32x4.mul(e, n), d), far);
  return f32x4.mul(x, selectx4(tail, f32x4.sub(one, tail), i32x4.shr_s(x, 31)));
}

/** The scalar twin of gelux4. */
// @ts-ignore: decorator
@inline
export function gelu(x: f32): f32 {
  const c = abs(x);
  let tail: f32 = 0;
  if (!(c > TAIL)) {
    const n = (((N4 * c + N3) * c + N2) * c + N1) * c + <f32>0.5;
    const d = ((((D5 * c + D4) * c + D3) * c + D2) * c + D1) * c + 1;
    tail = (expNormal(c * -0.5 * c) * n) / d;
  }
  return x * (reinterpret<i32>(x) < 0 ? tail : 1 - tail);
}
