import { count, input, normalizeAxis } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { striding } from './shared/striding.js';

/** Runs backwards along the axes in input 1. */
export const reverseV2 = striding('REVERSE_V2', (node, known, { shape }, s) => {
  const axes = vector(node, known, 1, count(input(node, 1))).map((a) => normalizeAxis(node, a, shape.length));
  const reversed = new Set(axes);
  return {
    axes: shape.map((n, d) => [n, reversed.has(d) ? -s[d]! : s[d]!]),
    fromOffset: [...reversed].reduce((at, d) => at + (shape[d]! - 1) * s[d]!, 0),
  };
});
