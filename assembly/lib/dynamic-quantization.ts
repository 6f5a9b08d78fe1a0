// Quantization of float activations at run time, for weights that are stored as integers ("hybrid" operators).
// Asymmetric to int8, one scale a batch, as TFLite's AsymmetricQuantizeFloats: the range always holds 0.

/** Smaller of 0 and the least of `n` floats. */
export function lowerEnd(x: usize, n: i32): f32 {
  let lo: f32 = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    let v = f32x4.splat(0);
    for (; i + 4 <= n; i += 4) v = f32x4.pmin(v, v128.load(x + (<usize>i << 2)));
    v = f32x4.pmin(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
    lo = min(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1));
  }
  for (; i < n; i++) lo = min(lo, load<f32>(x + (<usize>i << 2)));
  return lo;
}

/** Larger of 0 and the greatest of `n` floats. */
export function upperEnd(x: usize, n: i32): f32 {
  let hi: f32 = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    let v = f32x4.splat(0);
    for (; i + 4 <= n; i += 4) v = f32x4.pmax(v, v128.load(x + (<usize>i << 2)));
    v = f32x4.pmax(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
    hi = max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1));
  }
  for (; i < n; i++) hi = max(hi, load<f32>(x + (<usize>i << 2)));
  return hi;
}

/** Scale of int8 over lo..hi (lo <= 0 <= hi); 1 for an empty range. */
// @ts-ignore: decorator
@inline
export function asymmetricScale(lo: f32, hi: f32): f32 {
  return lo == hi ? 1 : <f32>((<f64>hi - <f64>lo) / 255);
}

/** Zero point that goes with asymmetricScale: derived from the end whose rounding error is smaller. */
export function asymmetricZeroPoint(lo: f32, hi: f32): i32 {
  if (lo == hi) return 0;
  const scale = (<f64>hi - <f64>lo) / 255;
  const below = <f64>lo / scale;
  const above = <f64>hi / scale;
  const zero = 128 + Math.abs(below) < 127 + Math.abs(above) ? -128 - below : 127 - above;
  // Round half away from zero.
  const rounded = zero < 0 ? -Math.floor(0.5 - zero) : Math.floor(zero + 0.5);
  return <i32>min(max(rounded, -128), 127);
}

/** Just below 1/2: adding it with x's sign and truncating rounds halves away from zero, as C's round. */
// @ts-ignore: decorator
@inline
const BELOW_HALF: f32 = 0.49999997;

/** Four of clamp(round(x / scale + zeroPoint), least, 127), as int32. */
// @ts-ignore: decorator
@inline
export function quantizex4(x: v128, inverse: f32, zeroPoint: i32, least: f32): v128 {
  const v = f32x4.add(f32x4.mul(x, f32x4.splat(inverse)), f32x4.splat(<f32>zeroPoint));
  const clamped = f32x4.pmin(f32x4.pmax(v, f32x4.splat(least)), f32x4.splat(127));
  const half = v128.or(v128.and(clamped, i32x4.splat(i32.MIN_VALUE)), f32x4.splat(BELOW_HALF));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(clamped, half));
}

/** The scalar twin of quantizex4. */
// @ts-ignore: decorator
@inline
export function quantize(x: f32, inverse: f32, zeroPoint: i32, least: f32): i32 {
  const v = x * inverse + <f32>zeroPoint;
  const clamped = v < least ? least : v > 127 ? 127 : v;
  return <i32>(clamped + copysign<f32>(BELOW_HALF, clamped));
}
