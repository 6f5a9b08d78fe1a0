import { elementSize } from '../../dtype.js';
import { count, perTensor } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import { bytesOf, FORMS, matrixProduct, multipliers, type Product, weightZeroPoint } from '../fully-connected.js';
import { channelScales, type Form, floatClamp, quantizedClamp, realMultipliers } from '../shared/convolution.js';
import { dynamicQuantize, withBias } from '../shared/dynamic.js';
import { bytesProduct, floatProduct, sumsEpilogue } from '../shared/gemm.js';
import { constantBias, doubleRequantization, halvesRequantization } from '../shared/halves.js';
import { sparseProduct } from '../shared/sparse-product.js';
import { unpackedWeights } from '../shared/unpacked.js';

/** uint8 to int16: the sums, then one multiplier for all. */
const toHalves: Form<Product> = {
  bias: ['int32'],
  lower(node, plan, p) {
    const { y } = p;
    const { from, bytes } = bytesOf(node, p);
    const sums = plan.temporary(count(y) * 4);
    bytesProduct(plan, p.m, from, p, bytes, sums, sumsEpilogue);
    const { multiplier, shift } = quantizeMultiplier(multipliers(plan, node, p)[0]!);
    const output = [perTensor(node, y).zeroPoint, ...quantizedClamp(node, y)] as const;
    plan.call('s32_requantize', [sums, y, 2, 0, multiplier, shift, ...output], count(y));
  },
};

/** int16 activations: a 1 x 1 convolution over m pixels. Sums with int8 weights are rescaled in float64, with int16 ones as CONV_2D's. */
const halves: Form<Product> = {
  bias: ['int64', 'int32'],
  lower(node, plan, p) {
    const scales = channelScales(node, p.w, p.n);
    const wide = p.w.dtype === 'int8';
    const inFloat = !wide && p.w.quantization!.scale.length === 1;
    const real = realMultipliers(perTensor(node, p.x).scale, scales, perTensor(node, p.y).scale, inFloat);
    const window = [1, p.m, p.k, 1, p.m, p.n, 1, 1, 1, 1, 1, 1, 1, 0, 0] as const;
    const bias = constantBias(node, plan, p.bias);
    const q = wide ? doubleRequantization(plan, real, bias) : halvesRequantization(plan, real, bias);
    const weights = [p.w, elementSize(p.w.dtype), weightZeroPoint(p.w)] as const;
    plan.call('qs16_conv2d', [p.x, ...weights, p.y, ...window, q, wide ? 1 : 0, ...quantizedClamp(node, p.y)], p.m);
  },
};

/** Float activations, integer weights: each row is quantized at run time. */
const hybrid: Form<Product> = {
  bias: ['float32'],
  lower(node, plan, p) {
    const from = dynamicQuantize(plan, p.x, p.m, p.k, !!node.options.asymmetricQuantizeInputs, true);
    withBias(plan, channelScales(node, p.w, p.n), p.bias, p.y, floatClamp(node), 1, (epilogue) => {
      bytesProduct(plan, p.m, from, { ...p, bias: null }, { flip: 0, zeroPoint: 0 }, p.y, epilogue);
    });
  },
};

const floats: Form<Product> = {
  bias: ['float32'],
  lower(node, plan, p) {
    if (p.w.blocks) {
      // Weights with scales of blocks meet rows that went through int8.
      const from = dynamicQuantize(plan, p.x, p.m, p.k, true);
      const x = plan.temporary(p.m * p.k * 4);
      plan.call('qd8_f32_dequantize', [from.x, x, from.dynamic, p.k], p.m);
      floatProduct(plan, p.m, x, p, p.y, floatClamp(node));
    } else if (!sparseProduct(plan, p.m, p.x, p, p.y, floatClamp(node))) {
      FORMS['float32,float32,float32']!.lower(node, plan, p);
    }
  },
};

/** With int16 activations (and weights), sparse or int4 weights, weights alone quantized, and float weights that are mostly zeros. */
export const fullyConnected = unpackedWeights(
  matrixProduct({
    ...FORMS,
    'float32,float32,float32': floats,
    'float32,int8,float32': hybrid,
    'uint8,uint8,int16': toHalves,
    'int16,int8,int16': halves,
    'int16,int16,int16': halves,
  }),
);
