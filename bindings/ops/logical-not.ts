import { count, input, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';

export const logicalNot: Operator = {
  name: 'LOGICAL_NOT',
  infer(node) {
    const x = input(node, 0);
    if (x.dtype !== 'bool' || output(node).dtype !== 'bool') throw unsupported(node, `input of type ${x.dtype}`);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const table = plan.packed('lut:LOGICAL_NOT', 256, (address) => {
      plan.bytes(address, 1)[0] = 1;
    });
    plan.call('x8_lut', [input(node, 0), output(node), table], count(output(node)));
  },
};
