import { count, input, invalid, output, perTensor, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { lastAxis } from './shared/axis.js';
import { expTable } from './shared/exp-table.js';

export const logSoftmax: Operator = {
  name: 'LOG_SOFTMAX',
  infer(node) {
    const x = input(node, 0);
    const y = output(node);
    lastAxis(node, x.shape);
    if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype} as the input`);
    if (x.dtype === 'float32') return [x.shape];
    if (x.dtype !== 'int8' && x.dtype !== 'uint8') throw unsupported(node, `input of type ${x.dtype}`);
    perTensor(node, x);
    perTensor(node, y);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const x = input(node, 0);
    const y = output(node);
    const { rows, channels } = lastAxis(node, x.shape);
    if (count(x) === 0) return;
    if (x.dtype === 'float32') return plan.call('f32_log_softmax', [x, y, channels], rows);
    const { scale } = perTensor(node, x);
    const q = perTensor(node, y);
    const table = expTable(plan, scale, 1);
    const kernel = x.dtype === 'int8' ? 'qs8_log_softmax' : 'qu8_log_softmax';
    plan.call(kernel, [x, y, table, channels, scale, q.scale, q.zeroPoint], rows);
  },
};
