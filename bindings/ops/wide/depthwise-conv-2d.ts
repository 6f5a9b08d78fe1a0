import { unsupported } from '../../graph/ir.js';
import {
  ceil4,
  depthwiseConvolution,
  FORMS,
  type Geometry,
  geometryArgs,
  packWeights,
  scratchBytes,
  unitsOf,
} from '../depthwise-conv-2d.js';
import type { Operator } from '../operator.js';
import { convolutionMultipliers, type Form, quantizedClamp } from '../shared/convolution.js';
import { constantBias, halvesRequantization } from '../shared/halves.js';
import { unpackedWeights } from '../shared/unpacked.js';

const halves: Form<Geometry> = {
  bias: ['int64'],
  lower(node, plan, g) {
    const zeros = plan.constant(new Int32Array(ceil4(g.channels)));
    const multipliers = convolutionMultipliers(plan, node, g.x, g.w, g.y, g.channels);
    const q = halvesRequantization(plan, multipliers, constantBias(node, plan, g.bias));
    const scratch = plan.scratch(scratchBytes(g, 2));
    const args = [g.x, packWeights(plan, g, 0, 2), zeros, g.y, scratch, ...geometryArgs(g), q] as const;
    plan.call('qs16_dwconv', [...args, ...quantizedClamp(node, g.y)], unitsOf(g));
  },
};

const wide = unpackedWeights(depthwiseConvolution({ ...FORMS, 'int16,int8,int16': halves }));

/** With int16 activations, and sparse or int4 weights. */
export const depthwiseConv2d: Operator = {
  ...wide,
  infer(node, known) {
    const shapes = wide.infer(node, known);
    const [, kh, kw] = node.inputs[1]!.shape;
    // Sums of int16 times int8 stay within 32 bits.
    if (node.inputs[0]!.dtype === 'int16' && kh! * kw! > 511) throw unsupported(node, 'int16 with more than 511 taps');
    return shapes;
  },
};
