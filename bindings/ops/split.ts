import { input } from '../graph/ir.js';
import { split as cut } from './shared/split.js';
import { movement } from './shared/strided-copy.js';
import { axisInput } from './shared/striding.js';

/** Equal parts; the axis is input 0. */
export const split = movement('SPLIT', (node, known) => {
  const x = input(node, 1);
  const axis = axisInput(node, known, 0, x.shape.length);
  const parts = node.outputs.length;
  return cut(node, x, axis, new Array(parts).fill(x.shape[axis]! / parts));
});
