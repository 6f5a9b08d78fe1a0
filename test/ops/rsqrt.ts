import { quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { fround, multiplyByQuantizedMultiplier, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'RSQRT',
  dtypes: ['float32', 'float16', 'int8'],
  f: (x) => 1 / Math.sqrt(x),
  positive: true,
  tolerance: { rtol: 1e-6 },
  // The integer 1 / sqrt(q) with 20 fractional bits, then its scale: near enough to the real number for the grids drawn here.
  quantized(q, x, y) {
    const value = q - x.zeroPoint;
    if (value <= 0) return 127;
    const inverse = roundAway(2 ** 20 / Math.sqrt(value));
    const { multiplier, shift } = quantizeMultiplier(1 / fround(fround(Math.sqrt(x.scale)) * y.scale));
    return multiplyByQuantizedMultiplier(inverse, multiplier, shift - 20) + y.zeroPoint;
  },
});
