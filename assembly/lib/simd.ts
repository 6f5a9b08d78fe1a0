// Small lane helpers that every kernel family shares.

/** a * b + c in four lanes: fused (one rounding) in the relaxed build, two roundings elsewhere. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * acc + the products of four int8 `weights` a lane with four `bytes`: a relaxed dot product, to be used where its kind was
 * found to be the plan's (kernels/relaxed-dot.ts). Without relaxed SIMD, where only tests ask for it, bytes are unsigned, or
 * signed in the build that tests compile with SIGNED_BYTES.
 */
// @ts-ignore: decorator
@inline
export function dotBytes(weights: v128, bytes: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, bytes, acc);
  const low = i16x8.shl(bytes, 8);
  const signed = isDefined(SIGNED_BYTES);
  const odd = i32x4.dot_i16x8_s(i16x8.shr_s(weights, 8), signed ? i16x8.shr_s(bytes, 8) : i16x8.shr_u(bytes, 8));
  const even = i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(weights, 8), 8), signed ? i16x8.shr_s(low, 8) : i16x8.shr_u(low, 8));
  return i32x4.add(acc, i32x4.add(even, odd));
}

/** min(max(x, lo), hi) with NaN kept, as TFLite's ActivationFunctionWithMinMax. */
// @ts-ignore: decorator
@inline
export function clampx4(x: v128, lo: v128, hi: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, lo), hi);
}

/** The scalar twin of clampx4. */
// @ts-ignore: decorator
@inline
export function clamp(x: f32, lo: f32, hi: f32): f32 {
  const y = x < lo ? lo : x;
  return hi < y ? hi : y;
}

/** Lanes of `a` where those of `mask`, all ones or all zeros, are set, else of `b`. */
// @ts-ignore: decorator
@inline
export function selectx4(a: v128, b: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_laneselect<i32>(a, b, mask);
  return v128.bitselect(a, b, mask);
}

/** Sum of four lanes, in the order (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumx4(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The first `n` (1..3) lanes of 32 bits to `y`. */
// @ts-ignore: decorator
@inline
export function storeLanes32(y: usize, x: v128, n: i32): void {
  if (n & 2) {
    v128.store64_lane(y, x, 0);
    if (n & 1) v128.store32_lane(y, x, 2, 8);
  } else if (n & 1) {
    v128.store32_lane(y, x, 0);
  }
}

/** The first `n` bytes (1..16) of `x` to `y`. */
export function storeBytes(y: usize, x: v128, n: i32): void {
  if (n >= 16) {
    v128.store(y, x);
    return;
  }
  if (n & 8) {
    v128.store64_lane(y, x, 0);
    x = v128.shuffle<i64>(x, x, 1, 1);
    y += 8;
  }
  if (n & 4) {
    v128.store32_lane(y, x, 0);
    x = i64x2.shr_u(x, 32);
    y += 4;
  }
  if (n & 2) {
    v128.store16_lane(y, x, 0);
    x = i64x2.shr_u(x, 16);
    y += 2;
  }
  if (n & 1) v128.store8_lane(y, x, 0);
}

/** Lane i is the sum of the lanes of vector i, as int32. */
// @ts-ignore: decorator
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** laneSums of floats. */
// @ts-ignore: decorator
@inline
export function floatLaneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}
