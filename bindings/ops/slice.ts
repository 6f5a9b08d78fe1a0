import { badShape, input, output } from '../graph/ir.js';
import { movement, steps, vector } from './shared/strided-copy.js';

/** A box of the input: begin and size per dimension; size -1 is the rest. */
export const slice = movement('SLICE', (node, known) => {
  const x = input(node, 0);
  const rank = x.shape.length;
  const begin = vector(node, known, 1, rank);
  const shape = vector(node, known, 2, rank).map((n, d) => (n === -1 ? x.shape[d]! - begin[d]! : n));
  if (begin.some((b, d) => b < 0 || shape[d]! < 0 || b + shape[d]! > x.shape[d]!)) {
    throw badShape(node, `begin [${begin}], size [${shape}] exceed the input [${x.shape}]`);
  }
  const xs = steps(x.shape);
  const ys = steps(shape);
  return {
    shapes: [shape],
    moves: [
      {
        from: x,
        to: output(node),
        axes: shape.map((n, d) => [n, xs[d]!, ys[d]!]),
        fromOffset: begin.reduce((at, b, d) => at + b * xs[d]!, 0),
      },
    ],
  };
});
