import { elementCount } from '../../dtype.js';
import { count } from '../../graph/ir.js';
import { convolution, FORMS, type Geometry, lowerBytes, rowsInPlace, windowArgs } from '../conv-2d.js';
import { channelScales, convolutionMultipliers, type Form, floatClamp, quantizedClamp } from '../shared/convolution.js';
import { dynamicQuantize, withBias } from '../shared/dynamic.js';
import { withHalves } from '../shared/float-halves.js';
import { biasOf, doubleRequantization, halvesRequantization, isHalvesBias } from '../shared/halves.js';
import { sparseProduct } from '../shared/sparse-product.js';
import { withComputedParameters } from '../shared/stand-ins.js';
import { unpackedWeights } from '../shared/unpacked.js';
import { lowerWinograd } from '../shared/winograd.js';

const halves: Form<Geometry> = {
  bias: ['int64', 'int32'],
  lower(node, plan, g) {
    const { x, y, weights, oc } = g;
    const multipliers = convolutionMultipliers(plan, node, x, weights.w, y, oc);
    const bias = biasOf(plan, weights.bias);
    // With an int32 bias and without groups TFLite goes through its matrix product, as FULLY_CONNECTED does.
    const wide = weights.bias?.dtype === 'int32' && weights.groups === 1;
    const q = wide ? doubleRequantization(plan, multipliers, bias) : halvesRequantization(plan, multipliers, bias);
    plan.call(
      'qs16_conv2d',
      [x, weights.w, 1, 0, y, ...windowArgs(g), q, wide ? 1 : 0, ...quantizedClamp(node, y)],
      count(y) / oc,
    );
  },
};

/**
 * Float activations, integer weights: an image is quantized at run time, asymmetrically where the weights have scales per channel,
 * or groups, which TFLite has for such weights alone.
 */
const hybrid: Form<Geometry> = {
  bias: ['float32'],
  lower(node, plan, g) {
    const { x, weights, batch, oc } = g;
    if (batch === 0) return;
    const scales = channelScales(node, weights.w, oc);
    const from = dynamicQuantize(
      plan,
      x,
      batch,
      elementCount(x.shape.slice(1)),
      weights.groups !== 1 || scales.some((s) => s !== scales[0]),
      true,
    );
    withBias(plan, scales, weights.bias, g.y, floatClamp(node), weights.groups, (epilogue) => {
      lowerBytes(plan, g, from, { flip: 0, zeroPoint: 0 }, { ...weights, bias: null }, epilogue);
    });
  },
};

const floats: Form<Geometry> = {
  bias: ['float32'],
  lower(node, plan, g) {
    const clamp = floatClamp(node);
    const rows = rowsInPlace(g);
    if (rows ? sparseProduct(plan, rows, g.x, g.weights, g.y, clamp) : lowerWinograd(plan, g, clamp)) return;
    FORMS['float32,float32,float32']!.lower(node, plan, g);
  },
};

/** With float16 and int16 activations, sparse or int4 filters, filters alone quantized, float filters that are mostly zeros, and Winograd's way. */
export const conv2d = withComputedParameters(
  withHalves(
    unpackedWeights(
      convolution({
        ...FORMS,
        'float32,float32,float32': floats,
        'float32,int8,float32': hybrid,
        'int16,int8,int16': halves,
      }),
    ),
  ),
  isHalvesBias,
);
