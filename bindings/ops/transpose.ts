import { badShape, normalizeAxis } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { striding } from './shared/striding.js';

/** Dimension i of the output is dimension perm[i] of the input. */
export const transpose = striding('TRANSPOSE', (node, known, x, s) => {
  const rank = x.shape.length;
  const perm = vector(node, known, 1, rank).map((p) => normalizeAxis(node, p, rank));
  if (new Set(perm).size !== rank) throw badShape(node, `[${perm}] is not a permutation`);
  return { axes: perm.map((p) => [x.shape[p]!, s[p]!]) };
});
