import { elementCount } from '../../dtype.js';
import { count, type OpNode, perTensor, unsupported } from '../../graph/ir.js';
import { type Geometry as Convolution, lowerBytes, windowArgs } from '../conv-2d.js';
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
import type { PlanBuilder } from '../operator.js';
import {
  byteBias,
  channelScales,
  convolutionMultipliers,
  type Form,
  floatClamp,
  quantizedClamp,
} from '../shared/convolution.js';
import { clampBounds, dynamicQuantize, withBias } from '../shared/dynamic.js';
import { withHalves } from '../shared/float-halves.js';
import { bytesEpilogue } from '../shared/gemm.js';
import { biasOf, halvesRequantization, isHalvesBias } from '../shared/halves.js';
import { withComputedParameters } from '../shared/stand-ins.js';
import { unpackedWeights } from '../shared/unpacked.js';

/** A convolution with a group for each channel of the input: what kernels take that pack weights at run time. */
function grouped({ x, w, bias, y, h, v, channels, multiplier }: Geometry): Convolution {
  const groups = channels / multiplier;
  const weights = { w, bias, groups, n: multiplier, k: h.kernel * v.kernel, transposed: true };
  return { x, y, weights, h, v, batch: x.shape[0]!, c: groups, oc: channels };
}

function lowerComputed(node: OpNode, plan: PlanBuilder, g: Geometry): void {
  const { x, w, y, channels } = g;
  if (x.shape[0] === 0) return;
  const convolution = grouped(g);
  const { weights } = convolution;
  if (x.dtype === 'float32') {
    const images = x.shape[0]!;
    const from = dynamicQuantize(plan, x, images, count(x) / images, true, true);
    const scales = channelScales(node, w, channels);
    withBias(plan, scales, g.bias, y, floatClamp(node), weights.groups, (epilogue) => {
      lowerBytes(plan, convolution, from, { flip: 0, zeroPoint: 0 }, { ...weights, bias: null }, epilogue);
    });
    return;
  }
  const multipliers = convolutionMultipliers(plan, node, x, w, y, channels);
  if (x.dtype === 'int16') {
    const filter = plan.temporary(count(w) + 16);
    const axes = plan.constant(Int32Array.of(channels, 1, weights.k, weights.k, channels, 1));
    plan.call('x8_transpose', [w, filter, axes, 2], Math.ceil(channels / 8));
    const q = halvesRequantization(plan, multipliers, biasOf(plan, g.bias));
    const args = [x, filter, 1, 0, y, ...windowArgs(convolution), q, 0, ...quantizedClamp(node, y)] as const;
    plan.call('qs16_conv2d', [...args], count(y) / channels);
    return;
  }
  const flip = byteBias(x.dtype);
  const from = { x, flip, zeroPoint: perTensor(node, x).zeroPoint - flip, dynamic: 0 };
  const bytes = { flip, zeroPoint: flip ? perTensor(node, w).zeroPoint - flip : 0 };
  const { zeroPoint } = perTensor(node, y);
  const limits = quantizedClamp(node, y);
  const epilogue = bytesEpilogue(plan, weights, multipliers, 'twice', y.dtype, zeroPoint, limits);
  lowerBytes(plan, convolution, from, bytes, weights, epilogue);
}

/** `form`, and where integer weights (or the bias of integers) are not constant, a convolution in groups. */
function orComputed(form: Form<Geometry>): Form<Geometry> {
  return {
    ...form,
    lower(node, plan, g) {
      const { x, w, bias } = g;
      const packs = w.constant && (x.dtype === 'float32' || !bias || bias.constant);
      (w.dtype === 'float32' || packs ? form.lower : lowerComputed)(node, plan, g);
    },
  };
}

const halves: Form<Geometry> = {
  bias: ['int64'],
  lower(node, plan, g) {
    const zeros = plan.constant(new Int32Array(ceil4(g.channels)));
    const multipliers = convolutionMultipliers(plan, node, g.x, g.w, g.y, g.channels);
    const q = halvesRequantization(plan, multipliers, biasOf(plan, g.bias));
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
    if (x.shape[0] === 0) return;
    const { sums } = weigh(plan, g, 0);
    const { high, flip } = bandForm(plan, g, 0, true);
    const bias = g.bias ?? plan.constant(new Float32Array(channels));
    const scales = plan.constant(channelScales(node, g.w, channels));
    const [images = 0, ...rest] = x.shape;
    const quantized = dynamicQuantize(plan, x, images, elementCount(rest), true);
    const scratch = plan.scratch(scratchBytes(g, high));
    const w = packWeights(plan, g, 0, high);
    const args = [quantized.x, w, plan.constant(sums), y, scratch, ...geometryArgs(g), high, flip] as const;
    const clamp = floatClamp(node);
    clampBounds(y, clamp);
    plan.call('qd8_f32_dwconv', [...args, quantized.dynamic, bias, scales, ...clamp], unitsOf(g));
  },
};

const FORMS_AND_MORE = { ...FORMS, 'float32,int8,float32': hybrid, 'int16,int8,int16': halves };

const wide = unpackedWeights(
  depthwiseConvolution(
    Object.fromEntries(Object.entries(FORMS_AND_MORE).map(([types, form]) => [types, orComputed(form)])),
    false,
  ),
);

/** With float16 and int16 activations, sparse or int4 weights, weights that are not constant, and weights alone quantized. */
export const depthwiseConv2d = withComputedParameters(
  withHalves({
    ...wide,
    infer(node, known) {
      const shapes = wide.infer(node, known);
      const [, kh, kw] = node.inputs[1]!.shape;
      if (node.inputs[0]!.dtype === 'int16') {
        // Sums of int16 times int8 stay within 32 bits.
        if (kh! * kw! > 511) throw unsupported(node, 'int16 with more than 511 taps');
      }
      return shapes;
    },
  }),
  isHalvesBias,
);
