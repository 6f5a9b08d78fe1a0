import { sampled8, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'LOG',
  dtypes: ['float32', 'float16', 'int8', 'uint8'],
  f: Math.log,
  positive: true,
  quantized(q, x, y) {
    const least = (y.dtype === 'uint8' ? 0 : -128) - y.zeroPoint;
    return sampled8(q, x, y, (v) => (v > 0 ? Math.log(v) : least * y.scale));
  },
});
