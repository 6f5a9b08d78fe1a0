import { fround, sampled8, unarySpec } from '../support/elementwise.js';
import { erfc } from '../support/erfc.js';

const SCALE = Math.sqrt(2 / Math.PI);

/** -Infinity * 0 is NaN, in TFLite too. */
const exact = (x: number) => 0.5 * x * erfc(-x * Math.SQRT1_2);

// Each step in float32.
const exactStep = (x: number) => fround(fround(0.5 * x) * fround(erfc(fround(x * fround(-Math.SQRT1_2)))));

function tanhStep(x: number): number {
  const cube = fround(fround(fround(fround(0.044715) * x) * x) * x);
  const tanh = fround(Math.tanh(fround(fround(SCALE) * fround(x + cube))));
  return fround(fround(0.5 * x) * fround(1 + tanh));
}

export default unarySpec({
  op: 'GELU',
  dtypes: ['float32', 'float16', 'int8', 'uint8'],
  f: (x, { approximate }) => (approximate ? 0.5 * x * (1 + Math.tanh(SCALE * (x + 0.044715 * x ** 3))) : exact(x)),
  quantized: (q, x, y, { approximate }) => sampled8(q, x, y, approximate ? tanhStep : exactStep),
  options: (rng) => ({ approximate: rng.bool() }),
  range: 8,
  // 1 + tanh cancels for negative x, in the reference.
  tolerance: { rtol: 4e-6, atol: 1e-12 },
});
