import { elementCount, elementSize } from '../dtype.js';
import { badShape, checkShape, count, input, invalid, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { checkMovable } from './shared/strided-copy.js';

/** Slices of input 2 by keys (input 0), which are sought among input 1; zeros, and no hit, for those that are not there. */
export const hashtableLookup: Operator = {
  name: 'HASHTABLE_LOOKUP',

  infer(node) {
    const [wanted, keys, values] = [input(node, 0), input(node, 1), input(node, 2)];
    checkMovable(node, values, output(node));
    for (const { dtype } of [wanted, keys]) if (dtype !== 'int32') throw unsupported(node, `keys of type ${dtype}`);
    if (output(node, 1).dtype !== 'uint8') throw invalid(node, `hits are ${output(node, 1).dtype}, expected uint8`);
    if (wanted.shape.length !== 1 || `${keys.shape}` !== `${values.shape[0]}`) {
      throw badShape(node, `[${wanted.shape}] of keys [${keys.shape}] for values [${values.shape}]`);
    }
    checkShape(node, count(keys) > 0, () => 'the table is empty');
    return [[...wanted.shape, ...values.shape.slice(1)], wanted.shape];
  },

  lower(node, plan) {
    const [wanted, keys, values] = [input(node, 0), input(node, 1), input(node, 2)];
    const run = elementCount(values.shape.slice(1)) * elementSize(values.dtype);
    const outputs = [output(node), output(node, 1)] as const;
    plan.call('xx_hashtable_lookup', [wanted, keys, values, ...outputs, run, count(keys)], count(wanted));
  },
};
