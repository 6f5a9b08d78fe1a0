// Softmax of int16 over the last axis, x and y [rows, channels]; y may be x. Units are rows.
// TFLite's integer kernel on two tables of 513 samples, read with linear interpolation: e^d for d in [-10, 0] and 1 / (1 + d)
// for d in [0, 1], both with 15 fractional bits.
import { multiplyByQuantizedMultiplier } from '../lib/requantize';

function interpolate(table: usize, value: i32): i32 {
  const p = table + ((256 + (value >> 7)) << 1);
  const base = <i32>load<i16>(p);
  const slope = <i32>(<i16>(<i32>load<i16>(p, 2) - base));
  return <i32>(<i16>(base + ((slope * (value & 0x7f) + 64) >> 7)));
}

// @ts-ignore: decorator
@inline
function saturate16(x: i32): i32 {
  return min(max(x, -32768), 32767);
}

export function qs16_softmax(
  x: usize, y: usize, exps: usize, inverses: usize, channels: i32, multiplier: i32, shift: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const p = x + (<usize>row * channels << 1);
    const q = y + (<usize>row * channels << 1);
    let m = <i32>load<i16>(p);
    for (let i = 1; i < channels; i++) m = max(m, <i32>load<i16>(p + (i << 1)));
    let sum = 0;
    for (let i = 0; i < channels; i++) {
      const d = multiplyByQuantizedMultiplier(<i32>load<i16>(p + (i << 1)) - m, multiplier, shift);
      const e = interpolate(exps, saturate16(d + 32767));
      store<i16>(q + (i << 1), <i16>e);
      sum += e;
    }
    // sum = 2^k (1 + d)
    const headroom = clz(sum);
    const shifted = <i32>(((<i64>sum << (headroom - 1)) + (1 << 13)) >> 14);
    const inverse = interpolate(inverses, saturate16(shifted - (1 << 15) - (1 << 16)));
    const right = 31 - headroom;
    for (let i = 0; i < channels; i++) {
      const v = <i32>((<i64>load<i16>(q + (i << 1)) * inverse + ((<i64>1 << right) >> 1)) >> right);
      store<i16>(q + (i << 1), <i16>min(max(v, 0), 32767));
    }
  }
}
