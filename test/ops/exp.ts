import { sampled8, sampled16, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'EXP',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16'],
  f: Math.exp,
  quantized: (q, x, y) => (x.dtype === 'int16' ? sampled16 : sampled8)(q, x, y, Math.exp),
  tolerance: { rtol: 1e-6 },
});
