import { sampled8, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'EXP',
  dtypes: ['float32', 'float16', 'int8', 'uint8'],
  f: Math.exp,
  quantized: (q, x, y) => sampled8(q, x, y, Math.exp),
  tolerance: { rtol: 1e-6 },
});
