import { badShape, count, input, invalid, type OpNode, optionalInput, output, type Shape } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { floatClamp } from './shared/convolution.js';
import { checkConvolution3d, window3d, windowArgs3d } from './shared/convolution-3d.js';

/** Filter [depth, height, width, output channels, input channels]. */
function operands(node: OpNode) {
  return { w: input(node, 1), x: input(node, 2), bias: optionalInput(node, 3), y: output(node) };
}

/** The output's shape is an input; strides, dilations and padding are those of the convolution that would lead back from it. */
export const conv3dTranspose: Operator = {
  name: 'CONV_3D_TRANSPOSE',
  fusesClamp: true,

  infer(node, known): Shape[] {
    const { w, x, bias, y } = operands(node);
    checkConvolution3d(node, x, w, bias, y, 4);
    const size = input(node, 0);
    if (size.dtype !== 'int32') throw invalid(node, `the output's shape must be int32, not ${size.dtype}`);
    const shape = known.values(size);
    const fits = shape.length === 5 && shape[0] === x.shape[0] && shape[4] === w.shape[3];
    if (!fits || shape.some((n) => n < 0)) {
      throw badShape(node, `output [${shape}] does not fit input [${x.shape}] and filter [${w.shape}]`);
    }
    const back = window3d(node, shape, w).map((axis) => axis.output);
    if (back.some((n, i) => n !== x.shape[i + 1]))
      throw badShape(node, `[${shape}] leads to [${back}], not [${x.shape}]`);
    return [shape];
  },

  lower(node, plan) {
    const { w, x, bias, y } = operands(node);
    const [, id, ih, iw, ic] = x.shape as [number, number, number, number, number];
    const [batch, od, oh, ow, oc] = y.shape as [number, number, number, number, number];
    const [kd, kh, kw] = w.shape as [number, number, number];
    const window = [kd, kh, kw, ...windowArgs3d(window3d(node, y.shape, w))] as const;
    const b = bias ?? plan.constant(new Float32Array(oc));
    const sizes = [id, ih, iw, ic, od, oh, ow, oc] as const;
    plan.call('f32_conv3d_transpose', [x, w, b, y, ...sizes, ...window, ...floatClamp(node)], batch * od * oh);
  },

  macs(node) {
    const { w, x } = operands(node);
    return (count(x) * count(w)) / w.shape[4]!;
  },
};
