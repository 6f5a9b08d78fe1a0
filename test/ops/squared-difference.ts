import { binarySpec, scaled } from '../support/elementwise.js';

export default binarySpec({
  op: 'SQUARED_DIFFERENCE',
  dtypes: ['float32', 'float16', 'int8', 'int32', 'int64'],
  f: (a, b) => (a - b) ** 2,
  integer: (a, b) => (a - b) ** 2n,
  quantized(qa, qb, a, b, y) {
    const twice = 2 * Math.max(a.scale, b.scale);
    const p = scaled((qa - a.zeroPoint) * 128, a.scale / twice);
    const q = scaled((qb - b.zeroPoint) * 128, b.scale / twice);
    return scaled((p - q) ** 2, twice ** 2 / (2 ** 14 * y.scale)) + y.zeroPoint;
  },
});
