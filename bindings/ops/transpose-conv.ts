import { count, input, invalid, type OpNode, optionalInput, output } from '../graph/ir.js';
import type { Shape } from './operator.js';
import { withComputedParameters } from './shared/stand-ins.js';
import {
  checkFilter,
  checkTransposeConvolution,
  lowerTransposeConvolution,
  type TransposeConvolution,
} from './shared/transpose-convolution.js';
import { windowAxis } from './shared/window.js';

/** The output's shape is an input. Padding is that of the convolution which would lead back from it. */
function describe(node: OpNode, shape: Shape): TransposeConvolution {
  const [w, x, bias] = [input(node, 1), input(node, 2), optionalInput(node, 3)];
  const { strideH, strideW, padding } = node.options;
  checkFilter(node, x, w);
  const cut = (size: number, kernel: number, stride: number) => {
    return padding === 'SAME' ? windowAxis(node, size, kernel, stride, 1, 'SAME').padBefore : 0;
  };
  return {
    x,
    w,
    bias,
    y: output(node),
    shape,
    strides: [strideH, strideW],
    cut: [cut(shape[1] ?? 0, w.shape[1]!, strideH), cut(shape[2] ?? 0, w.shape[2]!, strideW)],
  };
}

export const transposeConv = withComputedParameters(
  {
    name: 'TRANSPOSE_CONV',
    fusesClamp: true,

    infer(node, known) {
      const size = input(node, 0);
      if (size.dtype !== 'int32') throw invalid(node, `the output's shape must be int32, not ${size.dtype}`);
      const shape = known.values(size);
      checkTransposeConvolution(node, describe(node, shape));
      return [shape];
    },

    lower(node, plan) {
      lowerTransposeConvolution(node, plan, describe(node, output(node).shape));
    },

    macs(node) {
      const [oc, kh, kw] = input(node, 1).shape;
      return count(input(node, 2)) * oc! * kh! * kw!;
    },
  },
  ({ inputs }, i) => i === 3 && inputs[2]?.dtype === 'int16',
);
