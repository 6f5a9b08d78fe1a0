// Softmax and log-softmax of int8 and uint8 over the last axis, x and y [rows, channels]; y may be x. Units are rows.
// TFLite's optimized kernels work in float32 on a table of e^(-scale beta d), d = 0..255 below the row's largest element:
//   softmax:     y = round(table[max - x] / (sum * outputScale)) + zeroPoint
//   log-softmax: y = rint(x * scale / outputScale - (max * scale + log sum) / outputScale) + zeroPoint
// Sums run in order, one element after the other: their last bit depends on it, and so may y.
import { reciprocal } from '../lib/fixed-point';
import { roundingDivideByPOT, roundingDoublingHighMul } from '../lib/requantize';

/** table[d] = e^(scale * d) for d in begin..end. Mathf.exp is the function of the C library that TFLite's results come from. */
export function f32_exp_table(table: usize, scale: f32, begin: i32, end: i32): void {
  for (let d = begin; d < end; d++) store<f32>(table + (d << 2), Mathf.exp(scale * <f32>d));
}

// @ts-ignore: decorator
@inline
function largest<T>(p: usize, n: i32): i32 {
  let m: i32 = load<T>(p);
  for (let i = 1; i < n; i++) m = max(m, <i32>load<T>(p + i));
  return m;
}

// @ts-ignore: decorator
@inline
function lookup<T>(table: usize, p: usize, i: i32, m: i32): f32 {
  return load<f32>(table + ((m - load<T>(p + i)) << 2));
}

// @ts-ignore: decorator
@inline
function sumExp<T>(p: usize, table: usize, n: i32, m: i32): f32 {
  let sum: f32 = 0;
  for (let i = 0; i < n; i++) sum += lookup<T>(table, p, i, m);
  return sum;
}

/** Halves away from zero, except that uint8 adds 0.5 and truncates, as TFLite's x86 build does. */
// @ts-ignore: decorator
@inline
function softmax<T>(x: usize, y: usize, table: usize, channels: i32, outputScale: f32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + <usize>row * channels;
    const q = y + <usize>row * channels;
    const m = largest<T>(p, channels);
    const scale: f32 = 1 / (sumExp<T>(p, table, channels, m) * outputScale);
    for (let i = 0; i < channels; i++) {
      const v = lookup<T>(table, p, i, m) * scale;
      let r = <i32>(isSigned<T>() ? v : v + 0.5);
      if (isSigned<T>()) r += i32(v - <f32>r >= 0.5) - 128;
      store<T>(q + i, <T>min(r, isSigned<T>() ? 127 : 255));
    }
  }
}

export function qs8_softmax(x: usize, y: usize, table: usize, channels: i32, outputScale: f32, begin: i32, end: i32): void {
  softmax<i8>(x, y, table, channels, outputScale, begin, end);
}

export function qu8_softmax(x: usize, y: usize, table: usize, channels: i32, outputScale: f32, begin: i32, end: i32): void {
  softmax<u8>(x, y, table, channels, outputScale, begin, end);
}

// @ts-ignore: decorator
@inline
function logSoftmax<T>(
  x: usize, y: usize, table: usize, channels: i32, inputScale: f32, outputScale: f32, zeroPoint: i32, begin: i32, end: i32,
): void {
  const scale: f32 = inputScale / outputScale;
  for (let row = begin; row < end; row++) {
    const p = x + <usize>row * channels;
    const q = y + <usize>row * channels;
    const m = largest<T>(p, channels);
    const zero: f32 = (inputScale * <f32>m + Mathf.log(sumExp<T>(p, table, channels, m))) / outputScale;
    for (let i = 0; i < channels; i++) {
      const v = <i32>nearest(scale * <f32>load<T>(p + i) - zero) + zeroPoint;
      store<T>(q + i, <T>min(max(v, isSigned<T>() ? -128 : 0), isSigned<T>() ? 127 : 255));
    }
  }
}

export function qs8_log_softmax(
  x: usize, y: usize, table: usize, channels: i32, inputScale: f32, outputScale: f32, zeroPoint: i32, begin: i32, end: i32,
): void {
  logSoftmax<i8>(x, y, table, channels, inputScale, outputScale, zeroPoint, begin, end);
}

export function qu8_log_softmax(
  x: usize, y: usize, table: usize, channels: i32, inputScale: f32, outputScale: f32, zeroPoint: i32, begin: i32, end: i32,
): void {
  logSoftmax<u8>(x, y, table, channels, inputScale, outputScale, zeroPoint, begin, end);
}

/** e^a for a <= 0 with 26 fractional bits, as gemmlowp has it: 31 fractional bits. */
function expOfNegative(a: i32): i32 {
  const rest = (a & 0xffffff) - (1 << 24);
  // e^-1/8 times a series in x = rest + 1/8.
  const x = (rest << 5) + (1 << 28);
  const x2 = roundingDoublingHighMul(x, x);
  const x3 = roundingDoublingHighMul(x2, x);
  const x4 = roundingDivideByPOT(roundingDoublingHighMul(x2, x2), 2);
  const series = roundingDivideByPOT(roundingDoublingHighMul(x4 + x3, 715827883) + x2, 1);
  let result = 1895147668 + roundingDoublingHighMul(1895147668, x + series);
  const remainder = rest - a;
  // e^-(2^k) for k from -2 on.
  if (remainder & (1 << 24)) result = roundingDoublingHighMul(result, 1672461947);
  if (remainder & (1 << 25)) result = roundingDoublingHighMul(result, 1302514674);
  if (remainder & (1 << 26)) result = roundingDoublingHighMul(result, 790015084);
  if (remainder & (1 << 27)) result = roundingDoublingHighMul(result, 290630308);
  if (remainder & (1 << 28)) result = roundingDoublingHighMul(result, 39332535);
  if (remainder & (1 << 29)) result = roundingDoublingHighMul(result, 720401);
  if (remainder & (1 << 30)) result = roundingDoublingHighMul(result, 242);
  return a == 0 ? i32.MAX_VALUE : result;
}

/** table[d] = e^-(d times the scale that multiplier and left shift stand for); -1 beyond `least`, where results are 0. */
export function s32_exp_table(table: usize, multiplier: i32, shift: i32, least: i32, begin: i32, end: i32): void {
  for (let d = begin; d < end; d++) {
    const e = -d < least ? -1 : expOfNegative(roundingDoublingHighMul(-d << shift, multiplier));
    store<i32>(table + (d << 2), e);
  }
}

/** From int8 to int16 in TFLite's fixed point. Table as above; sums have 19 fractional bits. */
export function qs8_qs16_softmax(x: usize, y: usize, table: usize, channels: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + <usize>row * channels;
    const q = y + (<usize>row * channels << 1);
    const m = largest<i8>(p, channels);
    let sum = 0;
    for (let i = 0; i < channels; i++) {
      const e = load<i32>(table + ((m - load<i8>(p + i)) << 2));
      if (e >= 0) sum += roundingDivideByPOT(e, 12);
    }
    const inverse = reciprocal(sum);
    const bits = 12 - <i32>clz(sum) + 15;
    for (let i = 0; i < channels; i++) {
      const e = load<i32>(table + ((m - load<i8>(p + i)) << 2));
      const v = e < 0 ? 0 : roundingDivideByPOT(roundingDoublingHighMul(inverse, e), bits);
      store<i16>(q + (i << 1), <i16>min(v - 32768, 32767));
    }
  }
}
