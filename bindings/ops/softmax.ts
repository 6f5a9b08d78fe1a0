import { count, input, invalid, output, perTensor, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { lastAxis } from './shared/axis.js';
import { expTable } from './shared/exp-table.js';

export const softmax: Operator = {
  name: 'SOFTMAX',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    lastAxis(node, x.shape);
    if (y.dtype !== x.dtype) throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (x.dtype === 'float32') return [x.shape];
    if (x.dtype !== 'int8' && x.dtype !== 'uint8') throw unsupported(node, `input of type ${x.dtype}`);
    perTensor(node, x);
    const { zeroPoint } = perTensor(node, y);
    // TFLite's kernel takes any from uint8, and gives the same as with 0.
    if (x.dtype === 'int8' && zeroPoint !== -128) throw invalid(node, `the output's zero point must be -128`);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const beta = node.options.beta ?? 1;
    const { rows, channels } = lastAxis(node, x.shape);
    if (count(x) === 0) return;
    if (x.dtype === 'float32') return plan.call('f32_softmax', [x, y, channels, beta], rows);
    const table = expTable(plan, perTensor(node, x).scale, beta);
    const kernel = x.dtype === 'int8' ? 'qs8_softmax' : 'qu8_softmax';
    plan.call(kernel, [x, y, table, channels, perTensor(node, y).scale], rows);
  },
};
