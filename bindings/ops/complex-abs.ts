import { count } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { realOfComplex } from './shared/complex.js';

export const complexAbs: Operator = {
  name: 'COMPLEX_ABS',
  infer: (node) => [realOfComplex(node)[0].shape],
  lower(node, plan) {
    const [x, y] = realOfComplex(node);
    plan.call(x.dtype === 'complex64' ? 'c64_abs' : 'c128_abs', [x, y], count(y));
  },
};
