// Quantization of float activations at run time, for weights that are stored as integers ("hybrid" operators).
// Asymmetric to int8, one scale a batch, as TFLite's AsymmetricQuantizeFloats: the range always holds 0.

/** Stores the least and the greatest of `n` floats and 0 at `to`; NaN do not count. */
export function rangeOf(x: usize, n: i32, to: usize): void {
  let lo: f32 = 0;
  let hi: f32 = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    // Four chains each, as a step waits for the one before it.
    let a = f32x4.splat(0), b = a, c = a, d = a;
    let e = a, f = a, g = a, h = a;
    for (; i + 16 <= n; i += 16) {
      const p = x + (<usize>i << 2);
      const s = v128.load(p), t = v128.load(p, 16), u = v128.load(p, 32), v = v128.load(p, 48);
      a = f32x4.pmin(a, s);
      e = f32x4.pmax(e, s);
      b = f32x4.pmin(b, t);
      f = f32x4.pmax(f, t);
      c = f32x4.pmin(c, u);
      g = f32x4.pmax(g, u);
      d = f32x4.pmin(d, v);
      h = f32x4.pmax(h, v);
    }
    a = f32x4.pmin(f32x4.pmin(a, b), f32x4.pmin(c, d));
    a = f32x4.pmin(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
    lo = min(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1));
    e = f32x4.pmax(f32x4.pmax(e, f), f32x4.pmax(g, h));
    e = f32x4.pmax(e, v128.shuffle<i32>(e, e, 2, 3, 0, 1));
    hi = max(f32x4.extract_lane(e, 0), f32x4.extract_lane(e, 1));
  }
  for (; i < n; i++) {
    const v = load<f32>(x + (<usize>i << 2));
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  store<f32>(to, lo);
  store<f32>(to, hi, 4);
}

/** Ranges below this count as empty, as would those of zeros: the reciprocals of their scales may be infinite. */
// @ts-ignore: decorator
@inline
export const LEAST_RANGE: f32 = 3e-36;

/** Scale of int8 over lo..hi (lo <= 0 <= hi); 1 for an empty range. */
// @ts-ignore: decorator
@inline
export function asymmetricScale(lo: f32, hi: f32): f32 {
  return hi - lo < LEAST_RANGE ? 1 : <f32>((<f64>hi - <f64>lo) / 255);
}

/** Zero point that goes with asymmetricScale: derived from the end whose rounding error is smaller. */
export function asymmetricZeroPoint(lo: f32, hi: f32): i32 {
  if (hi - lo < LEAST_RANGE) return 0;
  const scale = (<f64>hi - <f64>lo) / 255;
  const below = <f64>lo / scale;
  const above = <f64>hi / scale;
  const zero = 128 + Math.abs(below) < 127 + Math.abs(above) ? -128 - below : 127 - above;
  // Round half away from zero.
  const rounded = zero < 0 ? -Math.floor(0.5 - zero) : Math.floor(zero + 0.5);
  return <i32>min(max(rounded, -128), 127);
}

// round(x / scale + zeroPoint), halves away from zero, as C's round. What is truncated is twice that number, which floats hold as
// exactly: the last bit then says which way to go, and 16-bit lanes do what is left. Sums lie within int8's range, but for
// rounding, which saturation takes care of.

/** Twice int8's least number: what NaN become, but for relaxed SIMD on machines that convert them to 0. */
const LEAST: f32 = -256;

/** Four of trunc(x * inverse + zeroPoint) as int32. */
// @ts-ignore: decorator
@inline
export function truncatedx4(x: v128, inverse: v128, zeroPoint: v128): v128 {
  const v = f32x4.add(f32x4.mul(x, inverse), zeroPoint);
  // Every engine agrees on numbers in range.
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(v);
  // Floats from 2^23 have no fraction: the lowest bits of such a sum are the number.
  const magic: f32 = 12582912;
  const whole = f32x4.trunc(f32x4.pmax(f32x4.splat(LEAST), v));
  return i32x4.sub(f32x4.add(whole, f32x4.splat(magic)), i32x4.splat(reinterpret<i32>(magic)));
}

/** Eight of truncatedx4, halved: halves away from zero. */
// @ts-ignore: decorator
@inline
export function halvedx8(a: v128, b: v128): v128 {
  const x = i16x8.narrow_i32x4_s(a, b);
  return i16x8.shr_s(i16x8.sub(x, i16x8.gt_s(x, i16x8.splat(-1))), 1);
}

/** The scalar twin of both. */
// @ts-ignore: decorator
@inline
export function quantize(x: f32, inverse: f32, zeroPoint: f32): i32 {
  const v = x * inverse + zeroPoint;
  const t = <i32>(v > LEAST ? v : LEAST);
  return min(max((t + i32(t >= 0)) >> 1, -128), 127);
}
