import { binarySpec, fround, scaled } from '../support/elementwise.js';

export default binarySpec({
  op: 'MUL',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16', 'int32', 'int64'],
  f: (a, b) => a * b,
  integer: (a, b) => a * b,
  quantized(qa, qb, a, b, y) {
    const product = (qa - a.zeroPoint) * (qb - b.zeroPoint);
    return scaled(product, fround(fround(a.scale * b.scale) / y.scale)) + y.zeroPoint;
  },
  activation: true,
});
