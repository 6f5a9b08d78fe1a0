import { elementCount, elementSize } from '../dtype.js';
import { badShape, count, input, output } from '../graph/ir.js';
import { indexInput } from './shared/indices.js';
import { checkMovable } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

/** Slices of input 0; the last dimension of input 1 holds the coordinates of one. */
export const gatherNd = typedAs(0, {
  name: 'GATHER_ND',

  infer(node) {
    const x = input(node, 0);
    const { shape } = indexInput(node, 1);
    checkMovable(node, x, output(node));
    const depth = shape.at(-1);
    if (depth === undefined || depth > x.shape.length) {
      throw badShape(node, `indices [${shape}] do not fit a tensor of rank ${x.shape.length}`);
    }
    return [[...shape.slice(0, -1), ...x.shape.slice(depth)]];
  },

  lower(node, plan) {
    const x = input(node, 0);
    const indices = indexInput(node, 1);
    const y = output(node);
    if (count(y) === 0) return;
    const depth = indices.shape.at(-1)!;
    const run = elementCount(x.shape.slice(depth)) * elementSize(x.dtype);
    const dims = depth ? plan.constant(Int32Array.from(x.shape.slice(0, depth))) : 0;
    const units = elementCount(indices.shape.slice(0, -1));
    plan.call('xx_gather_nd', [x, indices, y, run, elementSize(indices.dtype), dims, depth], units);
  },
});
