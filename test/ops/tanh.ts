import { sampled8, unarySpec } from '../support/elementwise.js';
import { tanh16 } from '../support/sigmoid16.js';

export default unarySpec({
  op: 'TANH',
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int16'],
  f: Math.tanh,
  quantized: (q, x, y) => (x.dtype === 'int16' ? tanh16(q, x.scale) : sampled8(q, x, y, Math.tanh)),
  outputQuantization: (rng, dtype) =>
    dtype === 'int16' ? { scale: [2 ** -15], zeroPoint: [0] } : rng.quantization(dtype, 1),
});
