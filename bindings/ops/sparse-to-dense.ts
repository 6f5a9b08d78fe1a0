import { Bounds, ScatterOp } from '../../assembly/lib/opcodes.js';
import { badShape, checkShape, count, input, type Known, type OpNode, output } from '../graph/ir.js';
import { indexInput } from './shared/indices.js';
import { checkMovable, lowerMove, vector } from './shared/strided-copy.js';
import { fill } from './shared/striding.js';
import { typedAs } from './shared/typed.js';
import { lowerWindows, slices } from './shared/windows.js';

/** The default value (input 3) in the shape that input 1 holds, but the values of input 2 at the indices of input 0. */
export const sparseToDense = typedAs(2, {
  name: 'SPARSE_TO_DENSE',

  infer(node, known) {
    const { shape: indices } = indexInput(node, 0);
    const [values, fallback, y] = [input(node, 2), input(node, 3), output(node)];
    checkMovable(node, values, y);
    checkMovable(node, fallback, y);
    checkShape(node, count(fallback) === 1, () => `the default must be one value, not [${fallback.shape}]`);
    const shape = shapeOf(node, known);
    const [points, depth] = [indices[0] ?? 1, indices[1] ?? 1];
    if (
      indices.length > 2 ||
      depth !== shape.length ||
      values.shape.length > 1 ||
      (values.shape.length === 1 && values.shape[0] !== points)
    ) {
      throw badShape(node, `values [${values.shape}] by indices [${indices}] do not fit [${shape}]`);
    }
    return [shape];
  },

  lower(node, plan) {
    const [indices, values, y] = [indexInput(node, 0), input(node, 2), output(node)];
    const shape = shapeOf(node, plan);
    lowerMove(plan, fill(input(node, 3), y, shape));
    const windows = slices(y, shape, indices, shape.length, indices.shape[0] ?? 1, values, Bounds.FAIL);
    lowerWindows(plan, ScatterOp.WRITE, windows);
  },
});

function shapeOf(node: OpNode, known: Known): number[] {
  const shape = vector(node, known, 1, count(input(node, 1)));
  if (shape.some((n) => n < 0)) throw badShape(node, `shape [${shape}]`);
  return shape;
}
