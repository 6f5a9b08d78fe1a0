import { count, input, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { checkTypes, option } from './shared.js';

/** 65536 (log2(1 + i / 128) - i / 128), as the library has it. */
const CORRECTIONS = Uint16Array.from({ length: 130 }, (_, i) =>
  i < 129 ? Math.round(65536 * (Math.log2(1 + i / 128) - i / 128)) : 0,
);

/** Natural logarithms times a scale. */
export const signalFilterBankLog: Operator = {
  name: 'SignalFilterBankLog',

  infer(node) {
    checkTypes(node, ['uint32'], ['int16']);
    return [input(node, 0).shape];
  },
  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const [scale, bits] = [option(node, 'output_scale'), option(node, 'input_correction_bits')];
    const table = plan.constant(CORRECTIONS);
    plan.call('u32_log', [x, y, table, scale, bits], count(y));
  },
};
