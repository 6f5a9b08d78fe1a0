// L2 normalization over the last axis, x and y [rows, channels]; y may be x. Units are rows.
//   float:     y = x / max(sqrt(sum x^2), 1e-6)
//   quantized: y = 128 (x - zeroPoint) / sqrt(sum (x - zeroPoint)^2), output scale 1/128, in TFLite's fixed point.
import { inverseSqrt } from '../lib/fixed-point';
import { multiplyByQuantizedMultiplier } from '../lib/requantize';
import { sumx4 } from '../lib/simd';

export function f32_l2norm(x: usize, y: usize, channels: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + (<usize>row * channels << 2);
    const q = y + (<usize>row * channels << 2);
    let i = 0;
    let sum: f32 = 0;
    if (ASC_FEATURE_SIMD) {
      let v = f32x4.splat(0);
      for (; i + 4 <= channels; i += 4) {
        const a = v128.load(p + (i << 2));
        v = f32x4.add(v, f32x4.mul(a, a));
      }
      sum = sumx4(v);
    }
    for (; i < channels; i++) {
      const a = load<f32>(p + (i << 2));
      sum += a * a;
    }
    const norm = max<f32>(sqrt<f32>(sum), 1e-6);
    i = 0;
    if (ASC_FEATURE_SIMD) {
      const n = f32x4.splat(norm);
      for (; i + 4 <= channels; i += 4) v128.store(q + (i << 2), f32x4.div(v128.load(p + (i << 2)), n));
    }
    for (; i < channels; i++) store<f32>(q + (i << 2), load<f32>(p + (i << 2)) / norm);
  }
}

// @ts-ignore: decorator
@inline
function l2norm<T>(x: usize, y: usize, channels: i32, zeroPoint: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + <usize>row * channels;
    const q = y + <usize>row * channels;
    let sum = 0;
    for (let i = 0; i < channels; i++) {
      const d = <i32>load<T>(p + i) - zeroPoint;
      sum += d * d;
    }
    // 1 / sqrt(sum) = multiplier * 2^(-31 - right)
    const inverse = inverseSqrt(sum);
    const multiplier = <i32>inverse;
    const right = <i32>(inverse >> 32);
    for (let i = 0; i < channels; i++) {
      const d = <i32>load<T>(p + i) - zeroPoint;
      const v = isSigned<T>()
        ? multiplyByQuantizedMultiplier(d, multiplier, 7 - right)
        : multiplyByQuantizedMultiplier(d * 128, multiplier, -right) + 128;
      store<T>(q + i, <T>min(max(v, isSigned<T>() ? -128 : 0), isSigned<T>() ? 127 : 255));
    }
  }
}

export function qs8_l2norm(x: usize, y: usize, channels: i32, zeroPoint: i32, begin: i32, end: i32): void {
  l2norm<i8>(x, y, channels, zeroPoint, begin, end);
}

export function qu8_l2norm(x: usize, y: usize, channels: i32, zeroPoint: i32, begin: i32, end: i32): void {
  l2norm<u8>(x, y, channels, zeroPoint, begin, end);
}
