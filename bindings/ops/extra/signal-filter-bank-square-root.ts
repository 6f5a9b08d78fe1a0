import { checkShape, count, input, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes } from './shared.js';
/** Rounded square roots, shifted right by input 1. */
export const signalFilterBankSquareRoot: Operator = {
  name: 'SignalFilterBankSquareRoot',

  infer(node) {
    checkTypes(node, ['uint64', 'int32'], ['uint32']);
    checkShape(node, count(input(node, 1)) === 1, () => 'one shift expected');
    return [input(node, 0).shape];
  },
  lower(node, plan) {
    const y = output(node);
    plan.call('u64_square_root', [input(node, 0), input(node, 1), y], count(y));
  },
};
