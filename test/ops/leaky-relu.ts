import { fround, scaled, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'LEAKY_RELU',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16'],
  f: (x, { alpha }) => (x > 0 ? x : x * (alpha as number)),
  quantized(q, x, y, { alpha }) {
    const value = q - x.zeroPoint;
    const slope = value >= 0 ? x.scale : fround(x.scale * fround(alpha as number));
    const sign = slope < 0 ? -1 : 1;
    return sign * scaled(value, fround(Math.abs(slope) / y.scale)) + y.zeroPoint;
  },
  options: (rng) => ({ alpha: fround(rng.pick([0.1, 0.3, 1.2, -0.5])) }),
});
