import { checkShape, input, normalizeAxis } from '../graph/ir.js';
import { split } from './shared/split.js';
import { movement } from './shared/strided-copy.js';

/** The slices along an axis, each without it. */
export const unpack = movement('UNPACK', (node) => {
  const x = input(node, 0);
  const axis = normalizeAxis(node, node.options.axis ?? 0, x.shape.length);
  const count = node.outputs.length;
  checkShape(node, x.shape[axis] === count, () => `cannot unpack ${x.shape[axis]} slices into ${count} outputs`);
  return split(node, x, axis, new Array(count).fill(1), true);
});
