import { checkShape, count, input, invalid, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes, option } from './shared.js';
/** Squares of a spectrum's absolute values in a range; zeros elsewhere. */
export const signalEnergy: Operator = {
  name: 'SignalEnergy',

  infer(node) {
    checkTypes(node, ['int16'], ['uint32']);
    const { shape } = input(node, 0);
    checkShape(node, shape.length === 1 && shape[0]! % 2 === 0, () => `pairs expected, not [${shape}]`);
    const [first, last] = [option(node, 'start_index'), option(node, 'end_index')];
    if (first < 0 || last > shape[0]! / 2) throw invalid(node, `numbers ${first} to ${last} of ${shape[0]! / 2}`);
    return [[shape[0]! / 2]];
  },
  lower(node, plan) {
    const y = output(node);
    const [first, last] = [option(node, 'start_index'), option(node, 'end_index')];
    plan.call('s16_energy', [input(node, 0), y, first, last], count(y));
  },
};
