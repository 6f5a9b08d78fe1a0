// Tables of quantized unary operators, filled as TFLite fills (or computes) them, float32 step by float32 step. The functions
// of JavaScript's Math may differ between hosts in the last bit of a double; that vanishes in the rounding to float32.
import type { DType } from '../../dtype.js';
import { integerRange, quantizeMultiplier, roundAway } from '../../quantization.js';

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
