import { count, input, invalid, output, perTensor, unsupported } from '../graph/ir.js';
import { quantizeMultiplier } from '../quantization.js';
import type { Operator } from './operator.js';
import { lastAxis } from './shared/axis.js';
import { expTable } from './shared/exp-table.js';
import { samples16 } from './shared/tables.js';

export const softmax: Operator = {
  name: 'SOFTMAX',
  infer(node) {
    const x = input(node, 0);
    const y = output(node);
    lastAxis(node, x.shape);
    if (y.dtype !== x.dtype) throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (x.dtype === 'float32') return [x.shape];
    if (x.dtype !== 'int8' && x.dtype !== 'uint8' && x.dtype !== 'int16') {
      throw unsupported(node, `input of type ${x.dtype}`);
    }
    const p = perTensor(node, x);
    if (x.dtype === 'int16' && p.zeroPoint !== 0)
      throw invalid(node, `the input's zero point is ${p.zeroPoint}, not 0`);
    const zeroPoint = x.dtype === 'int8' ? -128 : 0;
    if (perTensor(node, y).zeroPoint !== zeroPoint) throw invalid(node, `the output's zero point must be ${zeroPoint}`);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const x = input(node, 0);
    const y = output(node);
    const beta = node.options.beta ?? 1;
    const { rows, channels } = lastAxis(node, x.shape);
    if (count(x) === 0) return;
    if (x.dtype === 'float32') return plan.call('f32_softmax', [x, y, channels, beta], rows);
    const { scale } = perTensor(node, x);
    if (x.dtype === 'int16') {
      const unit = { scale: 2 / 65535, zeroPoint: 0 };
      const double = (v: number) => v;
      const exps = plan.constant(samples16({ scale: 10 / 65535, zeroPoint: 32767 }, unit, Math.exp, double));
      const inverses = samples16({ scale: 1 / 65535, zeroPoint: -32768 }, unit, (v) => 1 / (1 + v), double);
      const { multiplier, shift } = quantizeMultiplier(Math.fround(scale * Math.fround(beta)) / (10 / 65535));
      plan.call('qs16_softmax', [x, y, exps, plan.constant(inverses), channels, multiplier, shift], rows);
      return;
    }
    const table = expTable(plan, scale, beta);
    plan.call(
      x.dtype === 'int8' ? 'qs8_softmax' : 'qu8_softmax',
      [x, y, table, channels, perTensor(node, y).scale],
      rows,
    );
  },
};
