import { badShape, input, invalid, type OpNode, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { lastAxis } from './shared/axis.js';

/** As TFLite reads them; zeros where there are none. */
function optionsOf({ options: { radius = 0, bias = 0, alpha = 0, beta = 0 } }: OpNode) {
  return { radius, bias, alpha, beta };
}

export const localResponseNormalization: Operator = {
  name: 'LOCAL_RESPONSE_NORMALIZATION',
  infer(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype !== 'float32' || y.dtype !== 'float32') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (x.shape.length !== 4) throw badShape(node, `the input must be of rank 4, not [${x.shape}]`);
    const { radius } = optionsOf(node);
    if (radius < 0) throw invalid(node, `radius ${radius} is negative`);
    return [x.shape];
  },
  lower(node, plan) {
    const x = input(node, 0);
    const { rows, channels } = lastAxis(node, x.shape);
    const { radius, bias, alpha, beta } = optionsOf(node);
    plan.call('f32_lrn', [x, output(node), channels, radius, bias, alpha, beta], rows);
  },
};
