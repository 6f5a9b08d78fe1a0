import { roundAway } from '../../bindings/quantization.js';
import { fround, scaled, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'RELU6',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16'],
  f: (x) => (x < 0 ? 0 : Math.min(x, 6)),
  quantized(q, x, y) {
    const value = scaled(q - x.zeroPoint, fround(x.scale / y.scale)) + y.zeroPoint;
    return Math.min(Math.max(value, y.zeroPoint), y.zeroPoint + roundAway(fround(6 / y.scale)));
  },
});
