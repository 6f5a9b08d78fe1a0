// Softmax and log-softmax of int8 and uint8 over the last axis, x and y [rows, channels]; y may be x. Units are rows.
// TFLite's optimized kernels work in float32 on a table of e^(-scale beta d), d = 0..255 below the row's largest element:
//   softmax:     y = round(table[max - x] / (sum * outputScale)) + zeroPoint
//   log-softmax: y = rint(x * scale / outputScale - (max * scale + log sum) / outputScale) + zeroPoint
// Sums run in order, one element after the other: their last bit depends on it, and so may y.

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

/** Halves away from zero, except that uint8 adds 0.5 and truncates, and forgets its zero point, as TFLite's x86 build does. */
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

/** From 8 bits to int16, halves away from zero. */
// @ts-ignore: decorator
@inline
function wideSoftmax<T>(
  x: usize, y: usize, table: usize, channels: i32, outputScale: f32, zeroPoint: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const p = x + <usize>row * channels;
    const q = y + (<usize>row * channels << 1);
    const m = largest<T>(p, channels);
    const scale: f32 = 1 / (sumExp<T>(p, table, channels, m) * outputScale);
    for (let i = 0; i < channels; i++) {
      // Scales may be so small that nothing fits.
      const v = min<f32>(lookup<T>(table, p, i, m) * scale, 16777216);
      const r = <i32>v;
      store<i16>(q + (i << 1), <i16>min(max(r + i32(v - <f32>r >= 0.5) + zeroPoint, -32768), 32767));
    }
  }
}

export function qs8_qs16_softmax(
  x: usize, y: usize, table: usize, channels: i32, outputScale: f32, zeroPoint: i32, begin: i32, end: i32,
): void {
  wideSoftmax<i8>(x, y, table, channels, outputScale, zeroPoint, begin, end);
}

export function qu8_qs16_softmax(
  x: usize, y: usize, table: usize, channels: i32, outputScale: f32, zeroPoint: i32, begin: i32, end: i32,
): void {
  wideSoftmax<u8>(x, y, table, channels, outputScale, zeroPoint, begin, end);
}
