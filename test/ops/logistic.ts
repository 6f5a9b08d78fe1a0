import { fround, sampled8, unarySpec } from '../support/elementwise.js';
import { logistic16 } from '../support/sigmoid16.js';

export default unarySpec({
  op: 'LOGISTIC',
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int16'],
  f: (x) => 1 / (1 + Math.exp(-x)),
  quantized(q, x, y) {
    if (x.dtype === 'int16') return logistic16(q, x.scale);
    return sampled8(q, x, y, (v) => fround(1 / fround(1 + fround(Math.exp(-v)))));
  },
  outputQuantization: (_, dtype) =>
    dtype === 'int16'
      ? { scale: [2 ** -15], zeroPoint: [0] }
      : { scale: [1 / 256], zeroPoint: [dtype === 'int8' ? -128 : 0] },
});
