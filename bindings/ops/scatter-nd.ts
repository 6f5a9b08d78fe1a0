import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { badShape, count, input, invalid, type Known, type OpNode, output } from '../graph/ir.js';
import { indexInput } from './shared/indices.js';
import { checkMovable, lowerMove, vector } from './shared/strided-copy.js';
import { fill } from './shared/striding.js';
import { typedAs } from './shared/typed.js';
import { checkCombinable, lowerWindows, slices, vectors } from './shared/windows.js';
import { zero } from './shared/zero.js';

/** Zeros in the shape that input 2 holds, to which the slices of input 1 are added where the indices of input 0 say. */
export const scatterNd = typedAs(1, {
  name: 'SCATTER_ND',

  infer(node, known) {
    const indices = indexInput(node, 0);
    const updates = input(node, 1);
    checkCombinable(node, updates);
    checkMovable(node, updates, output(node));
    if (input(node, 2).dtype !== indices.dtype) throw invalid(node, 'indices and shape have different types');
    const shape = shapeOf(node, known);
    const outer = indices.shape.slice(0, -1);
    const depth = indices.shape.at(-1);
    const slice = shape.slice(depth);
    if (
      depth === undefined ||
      depth > shape.length ||
      updates.shape.length === 0 ||
      `${updates.shape}` !== `${[...outer, ...slice]}`
    ) {
      throw badShape(node, `updates [${updates.shape}] by indices [${indices.shape}] do not fit [${shape}]`);
    }
    return [shape];
  },

  lower(node, plan) {
    const y = output(node);
    const shape = shapeOf(node, plan);
    lowerMove(plan, fill(zero(y.dtype), y, shape));
    const indices = indexInput(node, 0);
    const { points, depth } = vectors(indices);
    const windows = slices(y, shape, indices, depth, points, input(node, 1), Bounds.FAIL);
    lowerWindows(plan, ScatterOp.ADD, windows);
  },
});

function shapeOf(node: OpNode, known: Known): number[] {
  const shape = vector(node, known, 2, count(input(node, 2)));
  if (shape.some((n) => n < 0)) throw badShape(node, `shape [${shape}]`);
  return shape;
}
