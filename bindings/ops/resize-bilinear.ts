import { input, invalid, output } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { resizeArgs, resizedShape } from './shared/resize.js';

const KERNELS = {
  float32: 'f32_resize_bilinear',
  uint8: 'u8_resize_bilinear',
  int8: 's8_resize_bilinear',
  int16: 's16_resize_bilinear',
} as const;

export const resizeBilinear: Operator = {
  name: 'RESIZE_BILINEAR',

  infer(node, known) {
    const { alignCorners, halfPixelCenters } = node.options;
    if (alignCorners && halfPixelCenters) throw invalid(node, 'alignCorners and halfPixelCenters exclude each other');
    return [resizedShape(node, known, (dtype) => dtype in KERNELS)];
  },

  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const args = [x, y, ...resizeArgs(node, x.shape[3]!)] as const;
    plan.call(KERNELS[x.dtype as keyof typeof KERNELS], [...args], y.shape[0]! * y.shape[1]!);
  },
};
