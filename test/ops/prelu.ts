import { binarySpec, fround, scaled } from '../support/elementwise.js';

export default binarySpec({
  op: 'PRELU',
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int16'],
  f: (x, alpha) => (x >= 0 ? x : x * alpha),
  quantized(qx, qa, x, alpha, y) {
    const value = qx - x.zeroPoint;
    if (value >= 0) return scaled(value, fround(x.scale / y.scale)) + y.zeroPoint;
    const product = value * (qa - alpha.zeroPoint);
    return scaled(product, fround(fround(x.scale * alpha.scale) / y.scale)) + y.zeroPoint;
  },
  alpha: true,
});
