import { fround, scaled, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'RELU',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16'],
  f: (x) => Math.max(x, 0),
  quantized(q, x, y) {
    const value = scaled(q - x.zeroPoint, fround(x.scale / y.scale)) + y.zeroPoint;
    return Math.max(value, y.zeroPoint);
  },
});
