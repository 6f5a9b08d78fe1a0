import { count, input, invalid, output, perTensor, unsupported } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import { lastAxis } from '../shared/axis.js';
import { samples16 } from '../shared/more-tables.js';
import { widened } from '../shared/widened.js';
import { softmax as standard } from '../softmax.js';

/** With int16: two tables of samples, e^x and 1 / (1 + x). */
export const softmax = widened(standard, {
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    lastAxis(node, x.shape);
    if (x.dtype !== 'int16' || y.dtype !== 'int16') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    for (const v of [x, y]) {
      const { zeroPoint } = perTensor(node, v);
      if (zeroPoint !== 0) throw invalid(node, `the zero point of '${v.name}' is ${zeroPoint}, not 0`);
    }
    return [x.shape];
  },
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const { rows, channels } = lastAxis(node, x.shape);
    if (count(x) === 0) return;
    const unit = { scale: 2 / 65535, zeroPoint: 0 };
    const double = (v: number) => v;
    const exps = plan.constant(samples16({ scale: 10 / 65535, zeroPoint: 32767 }, unit, Math.exp, double));
    const inverses = samples16({ scale: 1 / 65535, zeroPoint: -32768 }, unit, (v) => 1 / (1 + v), double);
    const scale = Math.fround(perTensor(node, x).scale * Math.fround(node.options.beta ?? 1));
    const { multiplier, shift } = quantizeMultiplier(scale / (10 / 65535));
    plan.call('qs16_softmax', [x, y, exps, plan.constant(inverses), channels, multiplier, shift], rows);
  },
});
