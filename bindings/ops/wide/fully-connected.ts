import { count, perTensor } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import { bytesOf, FORMS, matrixProduct, multipliers, type Product } from '../fully-connected.js';
import { channelScales, type Form, quantizedClamp } from '../shared/convolution.js';
import { bytesProduct, sumsEpilogue } from '../shared/gemm.js';
import { constantBias } from '../shared/halves.js';
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

/** int16 activations: a 1 x 1 convolution over m pixels, rescaled in float64. */
const halves: Form<Product> = {
  bias: ['int64', 'int32'],
  lower(node, plan, p) {
    const bias = constantBias(node, plan, p.bias);
    const input = perTensor(node, p.x).scale;
    const { scale } = perTensor(node, p.y);
    const block = new DataView(new ArrayBuffer(p.n * 16));
    for (const [o, s] of channelScales(node, p.w, p.n).entries()) {
      block.setBigInt64(o * 16, BigInt(bias?.[o] ?? 0), true);
      block.setFloat64(o * 16 + 8, (input * s) / scale, true);
    }
    const window = [1, p.m, p.k, 1, p.m, p.n, 1, 1, 1, 1, 1, 1, 1, 0, 0] as const;
    const q = plan.constant(new Uint8Array(block.buffer));
    plan.call('qs16_conv2d', [p.x, p.w, p.y, ...window, q, 1, ...quantizedClamp(node, p.y)], p.m);
  },
};

/** With int16 activations, and sparse or int4 weights. */
export const fullyConnected = unpackedWeights(
  matrixProduct({ ...FORMS, 'uint8,uint8,int16': toHalves, 'int16,int8,int16': halves }),
);
