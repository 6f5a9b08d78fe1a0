import { checkShape, count, input, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes, option } from './shared.js';
/** Per-channel amplitude normalization. */
export const signalPcan: Operator = {
  name: 'SignalPCAN',

  infer(node) {
    checkTypes(node, ['uint32', 'uint32', 'int16'], ['uint32']);
    const [x, noise, table] = [input(node, 0), input(node, 1), input(node, 2)];
    checkShape(node, count(x) === count(noise), () => `[${x.shape}] and noise [${noise.shape}]`);
    checkShape(node, count(table) >= 125, () => `a table of ${count(table)} entries, 125 expected`);
    return [x.shape];
  },
  inPlace: () => [0, 1],
  lower(node, plan) {
    const [x, noise, table, y] = [input(node, 0), input(node, 1), input(node, 2), output(node)];
    plan.call('u32_pcan', [x, noise, table, y, option(node, 'snr_shift')], count(y));
  },
};
