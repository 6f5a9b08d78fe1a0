import { count, input, invalid, type OpNode, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import {
  checkFilter,
  checkTransposeConvolution,
  lowerTransposeConvolution,
  type TransposeConvolution,
} from '../shared/transpose-convolution.js';

/**
 * MediaPipe's transposed convolution with bias: float32, the output's size follows from the input's.
 * Options are three little-endian int32: padding (1 is SAME), stride over width, stride over height.
 */
function describe(node: OpNode): TransposeConvolution {
  const [x, w, bias] = [input(node, 0), input(node, 1), input(node, 2)];
  const bytes = node.customOptions;
  if (!bytes || bytes.length < 12) throw invalid(node, `expected 12 bytes of options, found ${bytes?.length ?? 0}`);
  checkFilter(node, x, w);
  const options = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const same = options.getInt32(0, true) === 1;
  const strides = [options.getInt32(8, true), options.getInt32(4, true)] as const;
  const [batch, height, width] = x.shape as [number, number, number, number];
  const axis = (size: number, kernel: number, stride: number) => {
    const cut = same ? Math.max(0, kernel - ((size - 1) % stride) - 1) : 0;
    return { size: stride * (size - 1) + kernel - cut, before: cut >> 1 };
  };
  const h = axis(height, w.shape[1]!, strides[0]);
  const v = axis(width, w.shape[2]!, strides[1]);
  const shape = [batch, h.size, v.size, w.shape[0]!];
  return { x, w, bias, y: output(node), shape, strides, cut: [h.before, v.before] };
}

export const convolution2dTransposeBias: Operator = {
  name: 'Convolution2DTransposeBias',
  fusesClamp: true,

  infer(node) {
    const t = describe(node);
    checkTransposeConvolution(node, t);
    return [t.shape];
  },

  lower(node, plan) {
    lowerTransposeConvolution(node, plan, describe(node));
  },

  macs(node) {
    const [oc, kh, kw] = input(node, 1).shape;
    return count(input(node, 0)) * oc! * kh! * kw!;
  },
};
