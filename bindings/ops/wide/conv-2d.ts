import { count } from '../../graph/ir.js';
import { convolution, FORMS, type Geometry, windowArgs } from '../conv-2d.js';
import { convolutionMultipliers, type Form, quantizedClamp } from '../shared/convolution.js';
import { constantBias, halvesRequantization } from '../shared/halves.js';
import { unpackedWeights } from '../shared/unpacked.js';

const halves: Form<Geometry> = {
  bias: ['int64'],
  lower(node, plan, g) {
    const { x, y, weights, oc } = g;
    const multipliers = convolutionMultipliers(plan, node, x, weights.w, y, oc);
    const q = halvesRequantization(plan, multipliers, constantBias(node, plan, weights.bias));
    plan.call('qs16_conv2d', [x, weights.w, y, ...windowArgs(g), q, 0, ...quantizedClamp(node, y)], count(y) / oc);
  },
};

/** With int16 activations, and sparse or int4 filters. */
export const conv2d = unpackedWeights(convolution({ ...FORMS, 'int16,int8,int16': halves }));
