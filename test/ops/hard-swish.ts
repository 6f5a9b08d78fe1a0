import { quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { type Affine, fround, unarySpec } from '../support/elementwise.js';

const saturate = (x: number) => Math.min(Math.max(x, -32768), 32767);

/** a * b with 15 fractional bits, halves up. */
const multiply = (a: number, b: number) => saturate((a * b + 2 ** 14) >> 15);

/** A real number as a 15-bit multiplier and a shift. */
function fixed(real: number): [multiplier: number, shift: number] {
  const { multiplier, shift } = quantizeMultiplier(real);
  return [saturate((multiplier + 2 ** 15) >> 16), shift];
}

/** TFLite's 16-bit arithmetic: the input with 7 more bits, times relu6(x + 3) / 6 with 15 fractional bits. */
function hardSwish(q: number, x: Affine, y: Affine): number {
  const fine = fround(x.scale / 128);
  const [outputMultiplier, outputShift] = fixed(fround(fine / y.scale));
  const [gateMultiplier, gateShift] = fixed(fround(fine / fround(3 / 32768)));
  const input = (q - x.zeroPoint) * 128;
  // x / 3, saturating at 1: one doubling of a left shift comes after the multiplication.
  let gate = gateShift > 0 ? saturate(input * 2 ** (gateShift - 1)) : input;
  gate = multiply(gate, gateMultiplier);
  if (gateShift > 0) gate = saturate(gate * 2);
  if (gateShift < 0) gate = roundAway(gate / 2 ** -gateShift);
  const relu = (gate + 32768) >> 1;
  const product = Math.trunc((relu * multiply(input, outputMultiplier)) / 2 ** 15);
  return roundAway(product / 2 ** -outputShift) + y.zeroPoint;
}

export default unarySpec({
  op: 'HARD_SWISH',
  dtypes: ['float32', 'float16', 'int8', 'uint8'],
  f: (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6,
  quantized: hardSwish,
});
