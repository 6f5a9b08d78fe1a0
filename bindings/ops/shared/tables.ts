// Tables of quantized unary operators, filled as TFLite fills (or computes) them, float32 step by float32 step. The functions
// of JavaScript's Math may differ between hosts in the last bit of a double; that vanishes in the rounding to float32.
import type { DType } from '../../dtype.js';
import { integerRange, multiplyByQuantizedMultiplier, quantizeMultiplier, roundAway } from '../../quantization.js';

const { fround } = Math;

export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** One quantized value's result, in the output's quantization; the clamp to the type is the caller's. */
export type QuantizedFunction = (q: number) => number;

export const clampTo = (dtype: DType, q: number) => {
  const [lo, hi] = integerRange(dtype);
  return Math.min(Math.max(q, lo), hi);
};

/** A table over all values of `from` (8 or 16 bits), indexed by the value's bits. */
export function fillTable(from: DType, to: DType, f: QuantizedFunction): Uint8Array | Uint16Array {
  const [lo, hi] = integerRange(from);
  const table = hi - lo === 255 ? new Uint8Array(256) : new Uint16Array(65536);
  for (let q = lo; q <= hi; q++) table[q & (table.length - 1)] = clampTo(to, f(q));
  return table;
}

/** A real function of 8-bit values: TFLite's LUTPopulate. `f` rounds its own steps to float32. */
export function realFunction(x: Affine, y: Affine, f: (x: number) => number): QuantizedFunction {
  const inverse = fround(1 / y.scale);
  return (q) => {
    const value = fround(f(fround(x.scale * (q - x.zeroPoint))));
    return Math.trunc(fround(roundAway(fround(value * inverse)) + y.zeroPoint));
  };
}

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

/** x * y with halves rounded up, in int16 with 15 fractional bits. */
export const highMul16 = (a: number, b: number) => (a === -32768 && b === a ? 32767 : (a * b + 16384) >> 15);
export const saturate16 = (x: number) => Math.min(Math.max(x, -32768), 32767);
const divideByPOT = (x: number, exponent: number) => roundAway(x / 2 ** exponent);

/** A real multiplier as 15 fractional bits and a shift. */
function multiplier16(real: number): { multiplier: number; shift: number } {
  const { multiplier, shift } = quantizeMultiplier(real);
  return { multiplier: multiplier >= 2 ** 31 - 1 - 2 ** 15 ? 32767 : (multiplier + 2 ** 15) >> 16, shift };
}

/** HARD_SWISH of 8-bit values in TFLite's 16-bit arithmetic: 7 more bits of the input, times relu6(x + 3) / 6 in 15 bits. */
export function hardSwish(x: Affine, y: Affine): QuantizedFunction {
  const fine = fround(fround(1 / 128) * x.scale);
  const output = multiplier16(fround(fine / y.scale));
  const gate = multiplier16(fround(fine / fround(3 / 32768)));
  return (q) => {
    const input = (q - x.zeroPoint) << 7;
    const value = highMul16(input, output.multiplier);
    // x / 3 in [-1, 1]; the last doubling after the multiplication, so that only it saturates for good.
    let g = gate.shift > 0 ? saturate16(input * 2 ** (gate.shift - 1)) : input;
    g = highMul16(g, gate.multiplier);
    if (gate.shift > 0) g = saturate16(g * 2);
    if (gate.shift < 0) g = divideByPOT(g, -gate.shift);
    g = (g + 32768) >> 1;
    const product = Math.trunc((g * value) / 32768);
    return divideByPOT(product, -output.shift) + y.zeroPoint;
  };
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
