// int32 accumulators to 8- or 16-bit quantized outputs, one multiplier for all; units are elements.
import { multiplyByQuantizedMultiplier, requantizeFast } from '../lib/requantize';

// @ts-ignore: decorator
@inline
function storeClamped(y: usize, i: i32, bytes: i32, value: i32, lo: i32, hi: i32): void {
  const v = min(max(value, lo), hi);
  if (bytes == 1) store<u8>(y + i, <u8>v);
  else store<u16>(y + (i << 1), <u16>v);
}

/** y = clamp(MultiplyByQuantizedMultiplier(x - subtract) + add, lo, hi), TFLite's fixed point; `bytes` is y's element size. */
export function s32_requantize(
  x: usize, y: usize, bytes: i32, subtract: i32, multiplier: i32, shift: i32, add: i32, lo: i32, hi: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const v = multiplyByQuantizedMultiplier(load<i32>(x + (i << 2)) - subtract, multiplier, shift) + add;
    storeClamped(y, i, bytes, v, lo, hi);
  }
}

/** y = clamp(rint((x - subtract) * scale) + add, lo, hi), halves to even, as XNNPACK. */
export function s32_requantize_fast(
  x: usize, y: usize, bytes: i32, subtract: i32, scale: f32, add: i32, lo: i32, hi: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const v = requantizeFast(load<i32>(x + (i << 2)) - subtract, scale);
    storeClamped(y, i, bytes, min(max(v, -(1 << 24)), 1 << 24) + add, lo, hi);
  }
}

/** y = clamp(round(x * scale + bias) + add, lo, hi) in float32, halves away from zero: TFLite's own arithmetic for SUM. */
export function s32_rescale(
  x: usize, y: usize, bytes: i32, scale: f32, bias: f32, add: i32, lo: i32, hi: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const v = <f32>load<i32>(x + (i << 2)) * scale + bias;
    const whole = trunc(v);
    // Saturated well inside int32, so that adding the zero point can't wrap.
    const rounded = min(max(whole + <f32>i32(abs(v - whole) >= 0.5) * copysign<f32>(1, v), -1e9), 1e9);
    storeClamped(y, i, bytes, <i32>rounded + add, lo, hi);
  }
}
