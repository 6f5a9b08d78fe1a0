import type { DType } from '../dtype.js';
import { elementBits } from '../dtype.js';
import { input, output } from '../graph/ir.js';
import { pixelBytes, resizeArgs, resizedShape } from './shared/resize.js';
import { typedAs } from './shared/typed.js';

export const resizeNearestNeighbor = typedAs(0, {
  name: 'RESIZE_NEAREST_NEIGHBOR',

  infer(node, known) {
    return [resizedShape(node, known, (dtype) => elementBits(dtype as DType) >= 8, 0)];
  },

  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const args = [x, y, ...resizeArgs(node, pixelBytes(node))] as const;
    plan.call('x8_resize_nearest', [...args], y.shape[0]! * y.shape[1]!);
  },
});
