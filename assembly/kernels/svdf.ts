// SVDF: a layer whose filters are products of a filter over the input and one over time. The state keeps the last `memory`
// results of each filter over the input; y[u] = act(bias[u] + sum over the `rank` filters of unit u of state * time weights).
// The new results come from a matrix product before. Units are rows of the batch.
import { multiplyByQuantizedMultiplier } from '../lib/requantize';
import { clamp } from '../lib/simd';

/**
 * @param x [rows, filters], the new results
 * @param state [rows, filters, memory]
 * @param w time weights [filters, memory]
 * @param bias [units], or 0
 */
export function f32_svdf(
  units: i32,
  rank: i32,
  size: i32,
  x: usize,
  state: usize,
  w: usize,
  bias: usize,
  y: usize,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const row = <usize>size << 2;
  for (let b = begin; b < end; b++) {
    for (let u = 0; u < units; u++) {
      let sum: f32 = 0;
      for (let r = 0; r < rank; r++) {
        const filter = u * rank + r;
        const at = b * units * rank + filter;
        const s = state + <usize>at * row;
        const t = w + <usize>filter * row;
        memory.copy(s, s + 4, row - 4);
        store<f32>(s + row - 4, load<f32>(x + (<usize>at << 2)));
        for (let p: usize = 0; p < row; p += 4) sum += load<f32>(s + p) * load<f32>(t + p);
      }
      if (bias) sum += load<f32>(bias + (<usize>u << 2));
      store<f32>(y + (<usize>(b * units + u) << 2), clamp(sum, lo, hi));
    }
  }
}

/**
 * x int32 sums, rescaled by multiplier and shift to the int16 state; w int16; y int8, by the second pair.
 */
export function qs8_svdf(
  units: i32,
  rank: i32,
  size: i32,
  x: usize,
  state: usize,
  w: usize,
  bias: usize,
  y: usize,
  multiplier: i32,
  shift: i32,
  multiplier2: i32,
  shift2: i32,
  zeroPoint: i32,
  begin: i32,
  end: i32,
): void {
  const row = <usize>size << 1;
  for (let b = begin; b < end; b++) {
    for (let u = 0; u < units; u++) {
      let sum = bias ? load<i32>(bias + (<usize>u << 2)) : 0;
      for (let r = 0; r < rank; r++) {
        const filter = u * rank + r;
        const at = b * units * rank + filter;
        const s = state + <usize>at * row;
        const t = w + <usize>filter * row;
        memory.copy(s, s + 2, row - 2);
        const v = multiplyByQuantizedMultiplier(load<i32>(x + (<usize>at << 2)), multiplier, shift);
        store<i16>(s + row - 2, <i16>min(max(v, -32768), 32767));
        for (let p: usize = 0; p < row; p += 2) sum += <i32>load<i16>(s + p) * <i32>load<i16>(t + p);
      }
      const v = multiplyByQuantizedMultiplier(sum, multiplier2, shift2) + zeroPoint;
      store<i8>(y + <usize>(b * units + u), <i8>min(max(v, -128), 127));
    }
  }
}
