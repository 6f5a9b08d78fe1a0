import { input } from '../graph/ir.js';
import { split } from './shared/split.js';
import { movement, vector } from './shared/strided-copy.js';
import { axisInput } from './shared/striding.js';

/** Parts of the sizes in input 1, of which one may be -1: the rest. */
export const splitV = movement('SPLIT_V', (node, known) => {
  const x = input(node, 0);
  const axis = axisInput(node, known, 2, x.shape.length);
  const sizes = vector(node, known, 1, node.outputs.length);
  const unknown = sizes.indexOf(-1);
  if (unknown >= 0) sizes[unknown] = sizes.reduce((a, b) => a - b, x.shape[axis]!) - 1;
  return split(node, x, axis, sizes);
});
