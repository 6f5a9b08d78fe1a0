import { count, input, invalid, output, perTensor, unsupported } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import { lastAxis } from '../shared/axis.js';
import { samples16 } from '../shared/more-tables.js';
import { throughFloat } from '../shared/unary.js';
import { widened } from '../shared/widened.js';
import { softmax as standard } from '../softmax.js';

/** TFLite's PreprocessSoftmaxScaling: the scale of differences with 26 fractional bits, and how far they may go. */
function fromBytes(scale: number, beta: number) {
  const real = Math.min(beta * scale * 2 ** 26, 2 ** 31 - 1);
  const { multiplier, shift } = quantizeMultiplier(real);
  return { multiplier, shift, least: -Math.floor((31 * 2 ** 26) / 2 ** shift) };
}

/** With float16, and int16: two tables of samples, e^x and 1 / (1 + x). */
export const softmax = widened(
  standard,
  {
    infer(node) {
      const [x, y] = [input(node, 0), output(node)];
      lastAxis(node, x.shape);
      if (x.dtype === 'float16' && y.dtype === 'float16') return [x.shape];
      if (y.dtype !== 'int16') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
      if (x.dtype === 'int8') {
        const { zeroPoint } = perTensor(node, y);
        if (zeroPoint !== -32768) throw invalid(node, `the output's zero point must be -32768, not ${zeroPoint}`);
        const { shift } = fromBytes(perTensor(node, x).scale, node.options.beta ?? 1);
        if (shift < 0) throw unsupported(node, 'a scale below 2^-26');
        return [x.shape];
      }
      if (x.dtype !== 'int16') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
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
      if (x.dtype === 'float16') {
        return throughFloat(plan, [x], y, ([from], to) => {
          plan.call('f32_softmax', [from!, to, channels, node.options.beta ?? 1], rows);
        });
      }
      if (x.dtype === 'int8') {
        const { multiplier, shift, least } = fromBytes(perTensor(node, x).scale, node.options.beta ?? 1);
        const table = plan.packed(`s32-exp:${multiplier}:${shift}`, 1024, (address) =>
          plan.kernels.s32_exp_table(address, multiplier, shift, least, 0, 256),
        );
        return plan.call('qs8_qs16_softmax', [x, y, table, channels], rows);
      }
      const unit = { scale: 2 / 65535, zeroPoint: 0 };
      const double = (v: number) => v;
      const exps = plan.constant(samples16({ scale: 10 / 65535, zeroPoint: 32767 }, unit, Math.exp, double));
      const inverses = samples16({ scale: 1 / 65535, zeroPoint: -32768 }, unit, (v) => 1 / (1 + v), double);
      const scale = Math.fround(perTensor(node, x).scale * Math.fround(node.options.beta ?? 1));
      const { multiplier, shift } = quantizeMultiplier(scale / (10 / 65535));
      plan.call('qs16_softmax', [x, y, exps, plan.constant(inverses), channels, multiplier, shift], rows);
    },
  },
  ({ inputs: [x], outputs: [y] }) => x?.dtype !== 'int16' && x?.dtype !== 'float16' && x?.dtype === y?.dtype,
);
