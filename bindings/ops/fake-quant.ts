import { count, input, invalid, output, unsupported } from '../graph/ir.js';
import { roundAway } from '../quantization.js';
import { typedAs } from './shared/typed.js';

const { fround } = Math;

/** What quantization with `numBits` over min..max would leave, the range moved so that 0 is one of its values. */
export const fakeQuant = typedAs(0, {
  name: 'FAKE_QUANT',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    const { min, max, numBits, narrowRange } = node.options;
    if (x.dtype !== 'float32' || y.dtype !== 'float32') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (narrowRange) throw unsupported(node, 'a narrow range');
    if (!(numBits >= 1 && numBits <= 16)) throw invalid(node, `${numBits} bits`);
    if (!(min < max)) throw invalid(node, `a range from ${min} to ${max}`);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const { min, max, numBits } = node.options;
    const last = 2 ** numBits - 1;
    const scale = fround(fround(max - min) / last);
    const zeroPoint = Math.min(Math.max(roundAway(fround(-fround(min / scale))), 0), last);
    const [lo, hi] = [fround(-zeroPoint * scale), fround((last - zeroPoint) * scale)];
    plan.call('f32_fake_quantize', [x, y, lo, hi, scale], count(y));
  },
});
