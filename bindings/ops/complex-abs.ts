import { count, input, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';

export const complexAbs: Operator = {
  name: 'COMPLEX_ABS',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype !== 'complex64' || y.dtype !== 'float32') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    return [x.shape];
  },
  lower(node, plan) {
    plan.call('c64_abs', [input(node, 0), output(node)], count(output(node)));
  },
};
