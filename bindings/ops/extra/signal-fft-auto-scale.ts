import { count, input, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes } from './shared.js';
/** Samples times the largest power of two that fits, and its exponent. */
export const signalFftAutoScale: Operator = {
  name: 'SignalFftAutoScale',

  infer(node) {
    checkTypes(node, ['int16'], ['int16', 'int32']);
    return [input(node, 0).shape, []];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const x = input(node, 0);
    plan.call('s16_fft_auto_scale', [x, output(node), output(node, 1), count(x)], 1);
  },
};
