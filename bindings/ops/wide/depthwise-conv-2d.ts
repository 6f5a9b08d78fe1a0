import { elementCount } from '../../dtype.js';
import { unsupported } from '../../graph/ir.js';
import {
  bandForm,
  ceil4,
  depthwiseConvolution,
  FORMS,
  type Geometry,
  geometryArgs,
  packWeights,
  scratchBytes,
  unitsOf,
  weigh,
} from '../depthwise-conv-2d.js';
import type { Operator } from '../operator.js';
import { channelScales, convolutionMultipliers, type Form, floatClamp, quantizedClamp } from '../shared/convolution.js';
import { dynamicQuantize } from '../shared/dynamic.js';
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

/** Float activations, integer weights: an image is quantized at run time. */
const hybrid: Form<Geometry> = {
  bias: ['float32'],
  lower(node, plan, g) {
    const { x, y, channels } = g;
    const { sums } = weigh(plan, g, 0);
    const { high, flip } = bandForm(plan, g, 0, true);
    const bias = g.bias ?? plan.constant(new Float32Array(channels));
    const scales = plan.constant(channelScales(node, g.w, channels));
    const [images = 0, ...rest] = x.shape;
    const quantized = dynamicQuantize(plan, x, images, elementCount(rest), true);
    const scratch = plan.scratch(scratchBytes(g, high));
    const w = packWeights(plan, g, 0, high);
    const args = [quantized.x, w, plan.constant(sums), y, scratch, ...geometryArgs(g), high, flip] as const;
    plan.call('qd8_f32_dwconv', [...args, quantized.dynamic, bias, scales, ...floatClamp(node)], unitsOf(g));
  },
};

const wide = unpackedWeights(
  depthwiseConvolution({ ...FORMS, 'float32,int8,float32': hybrid, 'int16,int8,int16': halves }),
);

/** With int16 activations, sparse or int4 weights, and weights alone quantized. */
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
