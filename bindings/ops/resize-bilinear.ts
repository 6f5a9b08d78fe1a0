import { input, invalid, output } from '../graph/ir.js';
import { fractionBits, resizeArgs, resizedShape } from './shared/resize.js';
import { typedAs } from './shared/typed.js';

const KERNELS = {
  float32: 'f32_resize_bilinear',
  uint8: 'u8_resize_bilinear',
  int8: 's8_resize_bilinear',
  int16: 's16_resize_bilinear',
} as const;

export const resizeBilinear = typedAs(0, {
  name: 'RESIZE_BILINEAR',

  infer(node, known) {
    const { alignCorners, halfPixelCenters } = node.options;
    if (alignCorners && halfPixelCenters) throw invalid(node, 'alignCorners and halfPixelCenters exclude each other');
    return [resizedShape(node, known, (dtype) => dtype in KERNELS)];
  },

  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const [batch, oh, ow, c] = y.shape as [number, number, number, number];
    const kernel = KERNELS[x.dtype as keyof typeof KERNELS];
    const sizes = resizeArgs(node, c);
    const scratch = () => plan.scratch(ow * 16 + (x.shape[2]! * c + 16) * 4);
    const [yBits, xBits] = fractionBits(node);
    if (kernel === 'f32_resize_bilinear') plan.call(kernel, [x, y, scratch(), ...sizes], batch * oh);
    else if (kernel !== 's16_resize_bilinear' && yBits + xBits <= 8) {
      plan.call(`${kernel}_separable`, [x, y, scratch(), yBits, xBits, ...sizes], batch * oh);
    } else plan.call(kernel, [x, y, ...sizes], batch * oh);
  },
});
