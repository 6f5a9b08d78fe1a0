import { checkShape, count, input, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes, option } from './shared.js';
/** Frames of samples times a window. */
export const signalWindow: Operator = {
  name: 'SignalWindow',

  infer(node) {
    checkTypes(node, ['int16', 'int16'], ['int16']);
    const [x, window] = [input(node, 0), input(node, 1)];
    checkShape(node, count(window) > 0 && count(x) % count(window) === 0, () => `[${x.shape}] by [${window.shape}]`);
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const [x, window, y] = [input(node, 0), input(node, 1), output(node)];
    plan.call('s16_window', [x, window, y, count(window), option(node, 'shift')], count(y));
  },
};
