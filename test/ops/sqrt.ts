import { fround, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'SQRT',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16'],
  f: Math.sqrt,
  positive: true,
  quantized(q, x, y) {
    const value = Math.max(0, fround(x.scale * (q - x.zeroPoint)));
    return Math.trunc(fround(fround(Math.sqrt(value)) / y.scale)) + y.zeroPoint;
  },
});
