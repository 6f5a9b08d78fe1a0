import { count, input, normalizeAxis, output } from '../graph/ir.js';
import { movement, steps, vector } from './shared/strided-copy.js';

/** Runs backwards along the axes in input 1. */
export const reverseV2 = movement('REVERSE_V2', (node, known) => {
  const x = input(node, 0);
  const { shape } = x;
  const reversed = vector(node, known, 1, count(input(node, 1))).map((a) => normalizeAxis(node, a, shape.length));
  const s = steps(shape);
  return {
    shapes: [shape],
    moves: [
      {
        from: x,
        to: output(node),
        axes: shape.map((n, d) => [n, reversed.includes(d) ? -s[d]! : s[d]!, s[d]!]),
        fromOffset: [...new Set(reversed)].reduce((at, d) => at + (shape[d]! - 1) * s[d]!, 0),
      },
    ],
  };
});
