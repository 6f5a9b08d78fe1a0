import { elementCount } from '../dtype.js';
import { count, input, type OpNode, optionalInput, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { floatClamp } from './shared/convolution.js';
import { checkConvolution3d, window3d, windowArgs3d } from './shared/convolution-3d.js';
import { floatProduct, packFloats } from './shared/gemm.js';

/** Filter [depth, height, width, input channels, output channels]. */
function describe(node: OpNode) {
  const [x, w, bias, y] = [input(node, 0), input(node, 1), optionalInput(node, 2), output(node)];
  checkConvolution3d(node, x, w, bias, y, 3);
  const axes = window3d(node, x.shape, w);
  const [n, k] = [w.shape[4]!, elementCount(w.shape.slice(0, 4))];
  return { x, y, axes, weights: { w, bias, n, k, transposed: true } };
}

export const conv3d: Operator = {
  name: 'CONV_3D',
  fusesClamp: true,

  infer(node) {
    const { x, axes, weights } = describe(node);
    return [[x.shape[0]!, ...axes.map((axis) => axis.output), weights.n]];
  },

  lower(node, plan) {
    const { x, y, axes, weights } = describe(node);
    const clamp = floatClamp(node);
    const { n, k } = weights;
    const pixels = elementCount(y.shape.slice(0, 4));
    if (axes.every((a) => a.kernel === 1 && a.stride === 1)) {
      floatProduct(plan, pixels, x, weights, y, clamp);
      return;
    }
    const block = Math.min(60, Math.max(12, Math.floor(131072 / 48 / k) * 12));
    const scratch = plan.scratch(block * k * 4 + 32);
    const [, d, h, w, c] = x.shape as [number, number, number, number, number];
    const [, od, oh, ow] = y.shape as [number, number, number, number];
    const [kd, kh, kw] = weights.w.shape as [number, number, number];
    const window = [kd, kh, kw, ...windowArgs3d(axes)] as const;
    plan.call(
      'f32_conv3d',
      [x, packFloats(plan, weights), y, scratch, block, d, h, w, c, od, oh, ow, n, ...window, ...clamp],
      pixels,
    );
  },

  macs(node) {
    const { y, weights } = describe(node);
    return count(y) * weights.k;
  },
};
