// LOGISTIC and TANH of int16 values, as TFLite's kernels. Inputs with a power-of-two scale (3 integer bits) go through gemmlowp's
// fixed-point functions. All others are brought to 1/(3 * 4096) and look up a table of the sigmoid with linear interpolation.
import { type OpNode, unsupported } from '../../graph/ir.js';
import { roundAway } from '../../quantization.js';
import { type Affine, highMul16, type QuantizedFunction, saturate16 } from './tables.js';

/** Where TFLite's table is one above the rounded sigmoid: one bit an entry. */
const ABOVE = [0xfa7bd110, 0xc0467bae, 0x20440005, 0x110090, 0x80, 0, 0, 0x80000000];

/** sigmoid(i / 24) with 16 fractional bits. */
const sigmoid = (i: number) => Math.round(65536 / (1 + Math.exp(-i / 24))) + ((ABOVE[i >> 5]! >>> (i & 31)) & 1);

/** Brings an input to the table's scale. */
function rescaled(x: Affine): QuantizedFunction {
  let multiplier = x.scale * 4096 * 3;
  let shift = 0;
  while (multiplier <= 32767 / 2 && shift <= 30) {
    shift++;
    multiplier *= 2;
  }
  multiplier = Math.trunc(multiplier);
  const round = shift > 0 ? 2 ** (shift - 1) : 0;
  return (q) => (q * multiplier + round) >> shift;
}

function check(node: OpNode, x: Affine, y: Affine): void {
  if (x.zeroPoint !== 0 || y.zeroPoint !== 0 || y.scale !== 2 ** -15) {
    throw unsupported(node, 'int16 with a zero point, or an output scale other than 1/32768');
  }
}

/** e^x with 15 fractional bits for x <= 0 with `bits`: the quarter's remainder by a series around -1/8, the rest by factors. */
function expOfNegative(x: number, bits: number): number {
  if (x === 0) return 32767;
  const quarter = 1 << (bits - 2);
  const remainder = (x & (quarter - 1)) - quarter;
  const d = (remainder << (15 - bits)) + 4096;
  const d2 = highMul16(d, d);
  const d3 = highMul16(d2, d);
  const d4 = highMul16(d2, d2);
  const series = roundAway((highMul16(roundAway(d4 / 4) + d3, 10923) + d2) / 2);
  let y = saturate16(28918 + highMul16(28918, d + series));
  // e^-1/4, e^-1/2, e^-1 and so on for the bits of what is left.
  const rest = remainder - x;
  [25520, 19875, 12055, 4435, 600, 11].forEach((factor, i) => {
    if (rest & (quarter << i)) y = highMul16(y, factor);
  });
  return y;
}

/** 2 / (1 + x) with two integer bits for x in [0, 1]: three Newton steps. */
function twoOverOnePlus(x: number): number {
  const half = (x + 32768) >> 1;
  let y = 23130 + highMul16(half, -15420);
  for (let i = 0; i < 3; i++) y += saturate16(highMul16(y, 8192 - highMul16(half, y)) * 4);
  return y;
}

export function logistic16(node: OpNode, x: Affine, y: Affine): QuantizedFunction {
  check(node, x, y);
  if (x.scale === 2 ** -12) {
    return (q) => {
      const s = saturate16(twoOverOnePlus(expOfNegative(-Math.abs(q), 12)) * 2);
      return q === 0 ? 16384 : q > 0 ? s : 32767 - s;
    };
  }
  const input = rescaled(x);
  return (q) => {
    const v = input(q);
    const a = Math.abs(v);
    const i = a >>> 9;
    const s = i >= 255 ? 0x7fff << 10 : (sigmoid(i) << 9) + (a & 511) * (sigmoid(i + 1) - sigmoid(i));
    return (v >= 0 ? s + 512 : 2 ** 25 - s + 511) >> 10;
  };
}

export function tanh16(node: OpNode, x: Affine, y: Affine): QuantizedFunction {
  check(node, x, y);
  if (x.scale === 2 ** -12 || x.scale === 2 ** -11) {
    const left = x.scale * 4096;
    return (q) => {
      // (1 - e^-2x) / (1 + e^-2x); the doubling is one fractional bit less.
      const e = expOfNegative(-Math.abs(saturate16(q * left)), 11);
      const t = saturate16((twoOverOnePlus(e) - 8192) * 4);
      return q === 0 ? 0 : q > 0 ? t : -t;
    };
  }
  const input = rescaled(x);
  return (q) => {
    const v = input(q);
    const a = Math.abs(v);
    const i = a >>> 8;
    const s = i >= 255 ? 0xffff << 8 : (sigmoid(i) << 8) + (a & 255) * (sigmoid(i + 1) - sigmoid(i));
    return (v >= 0 ? s - 2 ** 23 + 128 : -s + 2 ** 23 + 127) >> 8;
  };
}
