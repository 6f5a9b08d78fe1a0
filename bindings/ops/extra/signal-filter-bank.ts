import { checkShape, count, input, output, type Value } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes, option } from './shared.js';
/** Energies of frequencies gathered into overlapping channels. */
export const signalFilterBank: Operator = {
  name: 'SignalFilterBank',

  infer(node) {
    checkTypes(node, ['uint32', 'int16', 'int16', 'int16', 'int16', 'int16'], ['uint64']);
    const channels = option(node, 'num_channels');
    const weights = [1, 2].map((i) => count(input(node, i)));
    checkShape(node, weights[0] === weights[1], () => `${weights[0]} weights, ${weights[1]} unweights`);
    for (const i of [3, 4, 5]) {
      const n = count(input(node, i));
      checkShape(node, n > channels, () => `${n} entries in input ${i} for ${channels} channels`);
    }
    return [[channels]];
  },
  lower(node, plan) {
    const [x, weights, unweights, starts, weightStarts, widths] = node.inputs as Value[];
    const sizes = [count(x!), count(weights!), option(node, 'num_channels')] as const;
    plan.call(
      'u32_filter_bank',
      [x!, weights!, unweights!, starts!, weightStarts!, widths!, output(node), ...sizes],
      1,
    );
  },
};
