import { count, input, invalid, output, perTensor, unsupported } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import { lastAxis } from '../shared/axis.js';
import { expTable } from '../shared/exp-table.js';
import { samples16 } from '../shared/more-tables.js';
import { throughFloat } from '../shared/unary.js';
import { widened } from '../shared/widened.js';
import { softmax as standard } from '../softmax.js';

const WIDENING = { int8: 'qs8_qs16_softmax', uint8: 'qu8_qs16_softmax' } as const;
const isByte = (dtype: string): dtype is keyof typeof WIDENING => dtype in WIDENING;

/** With float16; with int16: two tables of samples, e^x and 1 / (1 + x); and from 8 bits to int16. */
export const softmax = widened(
  standard,
  {
    infer(node) {
      const [x, y] = [input(node, 0), output(node)];
      lastAxis(node, x.shape);
      if (x.dtype === 'float16' && y.dtype === 'float16') return [x.shape];
      if (y.dtype !== 'int16') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
      if (isByte(x.dtype)) {
        for (const v of [x, y]) perTensor(node, v);
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
      if (isByte(x.dtype)) {
        const { scale, zeroPoint } = perTensor(node, y);
        const table = expTable(plan, perTensor(node, x).scale, node.options.beta ?? 1);
        return plan.call(WIDENING[x.dtype], [x, y, table, channels, scale, zeroPoint], rows);
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
