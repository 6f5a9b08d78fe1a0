// float16 as its 16 bits.

/** The float32 of a half, subnormals, infinities and NaN included. */
// @ts-ignore: decorator
@inline
export function halfToFloat(h: u32): f32 {
  // The exponent moves by the difference of the biases through a multiplication, which also normalises subnormals.
  const magnitude = reinterpret<f32>((h & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
  const special = magnitude >= 65536 ? <u32>0x7f800000 : 0;
  return reinterpret<f32>(reinterpret<u32>(magnitude) | special | ((h & 0x8000) << 16));
}

/** halfToFloat in four lanes of 32 bits. */
// @ts-ignore: decorator
@inline
export function halfToFloatx4(h: v128): v128 {
  const bits = i32x4.shl(v128.and(h, i32x4.splat(0x7fff)), 13);
  const magnitude = f32x4.mul(bits, i32x4.splat(0x77800000));
  const special = v128.and(f32x4.ge(magnitude, f32x4.splat(65536)), i32x4.splat(0x7f800000));
  return v128.or(v128.or(magnitude, special), i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16));
}

/** The half nearest to x, halves to even; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function floatToHalf(x: f32): u32 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const a = bits & 0x7fffffff;
  if (a >= 0x47800000) return sign | (a > 0x7f800000 ? 0x7e00 : 0x7c00);
  // Below 2^-14 a half is a multiple of 2^-24: adding 0.5 rounds to that.
  if (a < 0x38800000) return sign | (reinterpret<u32>(reinterpret<f32>(a) + <f32>0.5) - 0x3f000000);
  return sign | ((a - 0x38000000 + 0xfff + ((a >> 13) & 1)) >> 13);
}
