// Between float32 and its quantized and half forms, and between quantized forms. Units are elements, or rows where said.
// uint8 is int8 with the top bit flipped: `flip` = 128 and zero points and limits less 128; int8 and int16: `flip` = 0.
//   dequantize  y = scale * (q - zeroPoint)
//   quantize    q = zeroPoint + round(x / scale); exact: in double, halves away from zero, as TFLite's kernels;
//               fast: x * (1 / scale) in float, halves to even, as XNNPACK. NaN gives the zero point.
//   requantize  q' = zeroPoint' + M(q - zeroPoint), TFLite's MultiplyByQuantizedMultiplier
import { floatToHalf, halfToFloat, halfToFloatx4 } from '../lib/half';
import { clampQuantized, multiplyByQuantizedMultiplier, roundFastx4 } from '../lib/requantize';

// @ts-ignore: decorator
@inline
function dequantize<T>(x: usize, y: usize, zeroPoint: i32, scale: f32, flip: i32, begin: i32, end: i32): void {
  let i = begin;
  if (ASC_FEATURE_SIMD) {
    const z = i16x8.splat(<i16>zeroPoint);
    const s = f32x4.splat(scale);
    const f = i8x16.splat(<i8>flip);
    for (; i + 8 <= end; i += 8) {
      let v: v128;
      if (sizeof<T>() == 1) {
        v = i16x8.extend_low_i8x16_s(v128.xor(v128.load64_zero(x + i), f));
      } else {
        v = v128.load(x + (<usize>i << 1));
      }
      // In 32 bits for int16, whose difference from the zero point may not fit into 16.
      let a: v128;
      let b: v128;
      if (sizeof<T>() == 1) {
        v = i16x8.sub(v, z);
        a = i32x4.extend_low_i16x8_s(v);
        b = i32x4.extend_high_i16x8_s(v);
      } else {
        const zz = i32x4.splat(zeroPoint);
        a = i32x4.sub(i32x4.extend_low_i16x8_s(v), zz);
        b = i32x4.sub(i32x4.extend_high_i16x8_s(v), zz);
      }
      const o = y + (<usize>i << 2);
      v128.store(o, f32x4.mul(f32x4.convert_i32x4_s(a), s));
      v128.store(o, f32x4.mul(f32x4.convert_i32x4_s(b), s), 16);
    }
  }
  for (; i < end; i++) {
    let q = <i32>load<T>(x + ((<usize>i) << alignof<T>()));
    if (sizeof<T>() == 1) q = <i32>(<i8>(q ^ flip));
    store<f32>(y + (<usize>i << 2), scale * <f32>(q - zeroPoint));
  }
}

export function qs8_f32_dequantize(x: usize, y: usize, zeroPoint: i32, scale: f32, flip: i32, begin: i32, end: i32): void {
  dequantize<i8>(x, y, zeroPoint, scale, flip, begin, end);
}

export function qs16_f32_dequantize(x: usize, y: usize, zeroPoint: i32, scale: f32, begin: i32, end: i32): void {
  dequantize<i16>(x, y, zeroPoint, scale, 0, begin, end);
}

/** Per channel: x is [outer, channels, inner]; units are the outer * channels rows. */
export function qs8_f32_dequantize_channels(
  x: usize, y: usize, zeroPoints: usize, scales: usize, flip: i32, channels: i32, inner: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const c = <usize>(r % channels) << 2;
    dequantize<i8>(x, y, load<i32>(zeroPoints + c), load<f32>(scales + c), flip, r * inner, (r + 1) * inner);
  }
}

/** Rows [rows, k] that f32_dynamic_quantize made. Units are rows. */
export function qd8_f32_dequantize(x: usize, y: usize, parameters: usize, k: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const own = parameters + (<usize>row << 3);
    qs8_f32_dequantize(x, y, load<i32>(own, 4), load<f32>(own), 0, row * k, (row + 1) * k);
  }
}

/** x / scale rounded to int32, halves away from zero; two lanes of the double quotient. */
// @ts-ignore: decorator
@inline
function roundAwayx2(x: v128, scale: v128): v128 {
  const q = f64x2.div(f64x2.promote_low_f32x4(x), scale);
  const half = v128.bitselect(q, f64x2.splat(0.5), i64x2.splat(i64.MIN_VALUE));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.add(q, half));
}

// @ts-ignore: decorator
@inline
function roundExactx4(x: v128, scale: v128): v128 {
  const low = roundAwayx2(x, scale);
  const high = roundAwayx2(v128.shuffle<i64>(x, x, 1, 1), scale);
  return v128.shuffle<i64>(low, high, 0, 2);
}

// @ts-ignore: decorator
@inline
function quantizeFastx4(x: v128, inverse: v128): v128 {
  const q = f32x4.mul(x, inverse);
  // NaN becomes 0.
  return v128.and(roundFastx4(q), f32x4.eq(q, q));
}

// @ts-ignore: decorator
@inline
function quantize<T>(
  x: usize, y: usize, zeroPoint: i32, scale: f32, lo: i32, hi: i32, flip: i32, exact: i32, begin: i32, end: i32,
): void {
  let i = begin;
  const inverse: f32 = 1 / scale;
  if (ASC_FEATURE_SIMD) {
    const s = f64x2.splat(<f64>scale);
    const v = f32x4.splat(inverse);
    const z = i16x8.splat(<i16>zeroPoint);
    const f = i8x16.splat(<i8>flip);
    for (; i + 8 <= end; i += 8) {
      const p = x + (<usize>i << 2);
      let a = v128.load(p);
      let b = v128.load(p, 16);
      if (exact) {
        a = roundExactx4(a, s);
        b = roundExactx4(b, s);
      } else {
        a = quantizeFastx4(a, v);
        b = quantizeFastx4(b, v);
      }
      const q = i16x8.add_sat_s(i16x8.narrow_i32x4_s(a, b), z);
      if (sizeof<T>() == 1) v128.store64_lane(y + i, v128.xor(i8x16.narrow_i16x8_s(q, q), f), 0);
      else v128.store(y + (<usize>i << 1), q);
    }
  }
  for (; i < end; i++) {
    const p = load<f32>(x + (<usize>i << 2));
    let q: i32;
    if (exact) {
      const d = <f64>p / <f64>scale;
      q = <i32>(d + copysign<f64>(0.5, d));
    } else {
      q = <i32>nearest<f32>(p * inverse);
    }
    q = clampQuantized(q, zeroPoint, lo, hi);
    store<T>(y + ((<usize>i) << alignof<T>()), <T>(q ^ flip));
  }
}

export function f32_qs8_quantize(x: usize, y: usize, zeroPoint: i32, scale: f32, flip: i32, exact: i32, begin: i32, end: i32): void {
  quantize<i8>(x, y, zeroPoint, scale, -128, 127, flip, exact, begin, end);
}

/** Always exact: XNNPACK has no form of its own. */
export function f32_qs16_quantize(x: usize, y: usize, zeroPoint: i32, scale: f32, begin: i32, end: i32): void {
  quantize<i16>(x, y, zeroPoint, scale, -32768, 32767, 0, 1, begin, end);
}

/** Per channel, as qs8_f32_dequantize_channels. */
export function f32_qs8_quantize_channels(
  x: usize, y: usize, zeroPoints: usize, scales: usize, flip: i32, exact: i32, channels: i32, inner: i32,
  begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const c = <usize>(r % channels) << 2;
    f32_qs8_quantize(x, y, load<i32>(zeroPoints + c), load<f32>(scales + c), flip, exact, r * inner, (r + 1) * inner);
  }
}

export function f32_qs16_quantize_channels(
  x: usize, y: usize, zeroPoints: usize, scales: usize, channels: i32, inner: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const c = <usize>(r % channels) << 2;
    f32_qs16_quantize(x, y, load<i32>(zeroPoints + c), load<f32>(scales + c), r * inner, (r + 1) * inner);
  }
}

// @ts-ignore: decorator
@inline
function requantize<T, U>(
  x: usize, y: usize, from: i32, to: i32, multiplier: i32, shift: i32, flipX: i32, flipY: i32, begin: i32, end: i32,
): void {
  const lo = i32.MIN_VALUE >> (32 - (sizeof<U>() << 3));
  const hi = ~lo;
  for (let i = <usize>begin; i < <usize>end; i++) {
    let q = <i32>load<T>(x + (i << alignof<T>()));
    if (sizeof<T>() == 1) q = <i32>(<i8>(q ^ flipX));
    q = multiplyByQuantizedMultiplier(q - from, multiplier, shift) + to;
    store<U>(y + (i << alignof<U>()), <U>(min(max(q, lo), hi) ^ flipY));
  }
}

/** Between 8, 16 and 32 bits: `xBytes` and `yBytes` are the element sizes, `from` and `to` the zero points. */
export function qs_requantize(
  xBytes: i32, yBytes: i32, x: usize, y: usize, from: i32, to: i32, multiplier: i32, shift: i32, flipX: i32, flipY: i32,
  begin: i32, end: i32,
): void {
  switch ((xBytes << 3) | yBytes) {
    case 0o12: requantize<i8, i16>(x, y, from, to, multiplier, shift, flipX, flipY, begin, end); break;
    case 0o21: requantize<i16, i8>(x, y, from, to, multiplier, shift, flipX, flipY, begin, end); break;
    case 0o22: requantize<i16, i16>(x, y, from, to, multiplier, shift, flipX, flipY, begin, end); break;
    case 0o24: requantize<i16, i32>(x, y, from, to, multiplier, shift, flipX, flipY, begin, end); break;
    case 0o41: requantize<i32, i8>(x, y, from, to, multiplier, shift, flipX, flipY, begin, end); break;
    case 0o42: requantize<i32, i16>(x, y, from, to, multiplier, shift, flipX, flipY, begin, end); break;
  }
}

export function f16_f32_convert(x: usize, y: usize, begin: i32, end: i32): void {
  let i = begin;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= end; i += 4) v128.store(y + (<usize>i << 2), halfToFloatx4(v128.load16x4_u(x + (<usize>i << 1))));
  }
  for (; i < end; i++) store<f32>(y + (<usize>i << 2), halfToFloat(load<u16>(x + (<usize>i << 1))));
}

export function f32_f16_convert(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<u16>(y + (<usize>i << 1), <u16>floatToHalf(load<f32>(x + (<usize>i << 2))));
}

/** round((clamp(x) - lo) / scale) * scale + lo, halves up: a value between `lo` and `hi` that quantization leaves. NaN gives `lo`. */
export function f32_fake_quantize(x: usize, y: usize, lo: f32, hi: f32, scale: f32, begin: i32, end: i32): void {
  const inverse: f32 = 1 / scale;
  for (let i = <usize>begin; i < <usize>end; i++) {
    let v = load<f32>(x + (i << 2));
    v = v > lo ? v : lo;
    v = ((v < hi ? v : hi) - lo) * inverse;
    const whole = floor(v);
    store<f32>(y + (i << 2), (v - whole >= 0.5 ? whole + 1 : whole) * scale + lo);
  }
}
