import { checkShape, count, input, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { stateOf } from '../shared/resources.js';
import { checkTypes, option } from './shared.js';

/** Takes away what changes slowly. The estimate of that, output 1, goes on from run to run. */
export const signalFilterBankSpectralSubtraction: Operator = {
  name: 'SignalFilterBankSpectralSubtraction',
  stateful: true,

  infer(node, known) {
    checkTypes(node, ['uint32'], ['uint32', 'uint32']);
    const { shape } = input(node, 0);
    const channels = option(node, 'num_channels');
    checkShape(node, shape.length === 1 && shape[0] === channels, () => `[${shape}] for ${channels} channels`);
    const [, noise] = node.outputs;
    const { address } = stateOf(known, `${node.op}:${node.index}:${noise!.name}`, noise!.dtype, shape).region;
    node.inputs[1] = known.pins!.hold({ ...noise!, id: -1, shape }, address);
    node.outputs[2] = known.pins!.pin({ ...noise!, id: -1 }, address);
    return [shape, shape, shape];
  },

  aliases: (node) => [{ inner: output(node, 1), outer: output(node, 2), offset: 0 }],

  lower(node, plan) {
    const y = output(node);
    const params = [
      'smoothing',
      'one_minus_smoothing',
      'alternate_smoothing',
      'alternate_one_minus_smoothing',
      'smoothing_bits',
      'min_signal_remaining',
      'clamping',
      'spectral_subtraction_bits',
    ].map((name) => option(node, name));
    const state = output(node, 2);
    plan.call('u32_spectral_subtraction', [input(node, 0), y, state, plan.constant(Int32Array.from(params))], count(y));
    plan.copy(output(node, 1), state, 4 * count(y));
  },
};
