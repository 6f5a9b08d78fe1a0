import { sampled8, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'ELU',
  dtypes: ['float32', 'float16', 'int8', 'uint8'],
  f: (x) => (x < 0 ? Math.expm1(x) : x),
  quantized: (q, x, y) => sampled8(q, x, y, (v) => (v < 0 ? Math.expm1(v) : v)),
});
