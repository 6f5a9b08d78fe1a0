import { elementCount, elementSize } from '../dtype.js';
import { badShape, checkShape, count, input, type Known, normalizeAxis, type OpNode, output } from '../graph/ir.js';
import { indexInput } from './shared/indices.js';
import { checkMovable, lowerMove, splice, vector } from './shared/strided-copy.js';
import { fill } from './shared/striding.js';
import { typedAs } from './shared/typed.js';

/** A new axis of `depth` (input 1): the on value (2) where its position is the index (0), else the off value (3). */
export const oneHot = typedAs(2, {
  name: 'ONE_HOT',

  infer(node, known) {
    for (const i of [2, 3]) {
      const value = input(node, i);
      checkMovable(node, value, output(node));
      checkShape(node, count(value) === 1, () => `input ${i} must be one element, not [${value.shape}]`);
    }
    return [layout(node, known).shape];
  },

  lower(node, plan) {
    const { indices, axis, depth, shape } = layout(node, plan);
    const y = output(node);
    if (count(y) === 0) return;
    lowerMove(plan, fill(input(node, 3), y, shape));
    const inner = elementCount(indices.shape.slice(axis));
    plan.call(
      'xx_one_hot',
      [indices, input(node, 2), y, elementSize(y.dtype), elementSize(indices.dtype), depth, inner],
      count(indices),
    );
  },
});

function layout(node: OpNode, known: Known) {
  const indices = indexInput(node, 0);
  const axis = normalizeAxis(node, node.options.axis ?? -1, indices.shape.length + 1);
  const [depth] = vector(node, known, 1, 1) as [number];
  if (depth < 0) throw badShape(node, `depth ${depth} must not be negative`);
  return { indices, axis, depth, shape: splice(indices.shape, axis, 0, depth) };
}
