import { badShape, input, normalizeAxis, output } from '../graph/ir.js';
import { movement, steps, vector } from './shared/strided-copy.js';

/** Dimension i of the output is dimension perm[i] of the input. */
export const transpose = movement('TRANSPOSE', (node, known) => {
  const x = input(node, 0);
  const rank = x.shape.length;
  const perm = vector(node, known, 1, rank).map((p) => normalizeAxis(node, p, rank));
  if (new Set(perm).size !== rank) throw badShape(node, `[${perm}] is not a permutation`);
  const shape = perm.map((p) => x.shape[p]!);
  const xs = steps(x.shape);
  const ys = steps(shape);
  return {
    shapes: [shape],
    moves: [{ from: x, to: output(node), axes: perm.map((p, i) => [shape[i]!, xs[p]!, ys[i]!]) }],
  };
});
