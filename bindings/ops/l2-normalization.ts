import { count, input, invalid, output, perTensor, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { lastAxis } from './shared/axis.js';

export const l2Normalization: Operator = {
  name: 'L2_NORMALIZATION',
  infer(node) {
    const x = input(node, 0);
    const y = output(node);
    lastAxis(node, x.shape);
    const activation = node.options.fusedActivationFunction ?? 'NONE';
    if (activation !== 'NONE') throw unsupported(node, `fused activation ${activation}`);
    if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype} as the input`);
    if (x.dtype === 'float32') return [x.shape];
    if (x.dtype !== 'int8' && x.dtype !== 'uint8') throw unsupported(node, `input of type ${x.dtype}`);
    perTensor(node, x);
    const q = perTensor(node, y);
    const zeroPoint = x.dtype === 'int8' ? 0 : 128;
    if (q.scale !== 1 / 128 || q.zeroPoint !== zeroPoint) {
      throw invalid(
        node,
        `the output has scale ${q.scale} and zero point ${q.zeroPoint}, expected 1/128 and ${zeroPoint}`,
      );
    }
    return [x.shape];
  },
  inPlace: () => [0],
  lower(node, plan) {
    const x = input(node, 0);
    const y = output(node);
    const { rows, channels } = lastAxis(node, x.shape);
    if (count(x) === 0) return;
    if (x.dtype === 'float32') return plan.call('f32_l2norm', [x, y, channels], rows);
    plan.call(x.dtype === 'int8' ? 'qs8_l2norm' : 'qu8_l2norm', [x, y, channels, perTensor(node, x).zeroPoint], rows);
  },
};
