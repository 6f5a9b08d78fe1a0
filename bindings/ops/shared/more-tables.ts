// Functions for tables (shared/tables.ts) of operators beyond the standard ones, and of int16 values.
import { multiplyByQuantizedMultiplier, quantizeMultiplier, roundAway } from '../../quantization.js';
import { type Affine, clampTo, type QuantizedFunction } from './tables.js';

const { fround } = Math;

/**
 * LUTPopulate's 513 samples of a real function of int16 values, nudged so that interpolation is right in the middle, too.
 * `round` is what each step of the arithmetic goes through: float32, except where TFLite takes doubles.
 */
export function samples16(
  x: Affine,
  y: Affine,
  f: (x: number) => number,
  round: (x: number) => number = fround,
): Int16Array {
  const low = round(x.scale * (-32768 - x.zeroPoint));
  const high = round(x.scale * (32767 - x.zeroPoint));
  const step = round(round(high - low) / 512);
  const half = round(step / 2);
  const range = round(round(y.scale * (32767 - y.zeroPoint)) - round(y.scale * (-32768 - y.zeroPoint)));
  const scale = round(65536 / range);
  const at = (value: number) => round(round(f(value)) * scale);
  return Int16Array.from({ length: 513 }, (_, i) => {
    if (i === 512) return clampTo('int16', roundAway(at(high)));
    const start = round(low + round(i * step));
    const sample = roundAway(at(start));
    const next = at(round(low + round((i + 1) * step)));
    const middle = roundAway(round(round(next + sample) / 2));
    const error = round(middle - roundAway(at(round(start + half))));
    return clampTo('int16', Math.trunc(round(sample - roundAway(round(error / 2)))));
  });
}

/** A real function of int16 values: linear interpolation between its samples. */
export function realFunction16(x: Affine, y: Affine, f: (x: number) => number): QuantizedFunction {
  const samples = samples16(x, y, f);
  return (q) => {
    const i = 256 + (q >> 7);
    const slope = ((samples[i + 1]! - samples[i]!) << 16) >> 16;
    return ((samples[i]! + ((slope * (q & 127) + 64) >> 7)) << 16) >> 16;
  };
}

/** Multiplication by a real number: TFLite's MultiplyByQuantizedMultiplier. */
export function multiplication(real: number): (x: number) => number {
  const { multiplier, shift } = quantizeMultiplier(Math.abs(real));
  const sign = real < 0 ? -1 : 1;
  return (x) => sign * multiplyByQuantizedMultiplier(x, multiplier, shift);
}

/** SQRT, which truncates. Values below 0, which TFLite refuses, give 0. */
export function squareRoot(x: Affine, y: Affine): QuantizedFunction {
  return (q) => {
    const root = fround(Math.sqrt(Math.max(0, fround(x.scale * (q - x.zeroPoint)))));
    return Math.trunc(fround(root / y.scale)) + y.zeroPoint;
  };
}

/** a * b / 2^31, halves up, for 32-bit a and b. */
const highMul = (a: number, b: number) => Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n);

/** 1 / sqrt(x) for an integer x > 1 as a multiplier and a right shift, by five Newton steps with three integer bits. */
function inverseSquareRoot(x: number): { multiplier: number; shift: number } {
  if (x <= 1) return { multiplier: 2 ** 31 - 1, shift: 0 };
  const pairs = ((Math.clz32(x) - 1) >> 1) - 1;
  const input = (x << (2 * pairs)) >> 1;
  const half = roundAway(input / 2);
  let y = 1 << 28;
  for (let i = 0; i < 5; i++) {
    // Products with three integer bits each lose three: y^3 gains 6 of them, the sum 3.
    const cube = highMul(highMul(y, y), y) * 64;
    y = (highMul(3 << 27, y) - highMul(half, cube)) * 8;
  }
  return { multiplier: highMul(y, 1518500250), shift: 11 - pairs };
}

/** RSQRT of int8 values in fixed point with 20 fractional bits. 0 gives the largest value, and so does all below it. */
export function inverseSquareRoots(x: Affine, y: Affine): QuantizedFunction {
  const { multiplier, shift } = quantizeMultiplier(1 / fround(fround(Math.sqrt(x.scale)) * y.scale));
  return (q) => {
    const value = q - x.zeroPoint;
    if (value <= 0) return 2 ** 31 - 1;
    const inverse = inverseSquareRoot(value);
    const data = multiplyByQuantizedMultiplier(1, inverse.multiplier, 20 - inverse.shift);
    return multiplyByQuantizedMultiplier(data, multiplier, shift - 20) + y.zeroPoint;
  };
}

/** erfc to the precision of a double (about 1e-13 relative): a series near 0, a continued fraction beyond. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x > 30) return 0;
  if (x < 2) {
    let sum = 0;
    let term = x;
    for (let n = 0; n < 60; n++) {
      sum += term / (2 * n + 1);
      term *= (-x * x) / (n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let f = 0;
  for (let k = 100; k > 0; k--) f = k / 2 / (x + f);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + f);
}
