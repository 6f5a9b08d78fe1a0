import { quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { fround, multiplyByQuantizedMultiplier, sampled16, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'RSQRT',
  dtypes: ['float32', 'float16', 'int8', 'int16'],
  f: (x) => 1 / Math.sqrt(x),
  positive: true,
  tolerance: { rtol: 1e-6 },
  // The integer 1 / sqrt(q) with 20 fractional bits, then its scale: near enough to the real number for the grids drawn here.
  quantized(q, x, y) {
    if (x.dtype === 'int16') {
      const largest = fround(32767 * y.scale);
      return sampled16(q, x, y, (v) => (v > 0 ? fround(1 / fround(Math.sqrt(v))) : largest));
    }
    const value = q - x.zeroPoint;
    if (value <= 0) return 127;
    const inverse = roundAway(2 ** 20 / Math.sqrt(value));
    const { multiplier, shift } = quantizeMultiplier(1 / fround(fround(Math.sqrt(x.scale)) * y.scale));
    return multiplyByQuantizedMultiplier(inverse, multiplier, shift - 20) + y.zeroPoint;
  },
});
