import { badShape, count, input, output } from '../graph/ir.js';
import { movement, steps, vector } from './shared/strided-copy.js';

/** Repeats dimensions of 1, and adds outer ones, up to the shape in input 1. */
export const broadcastTo = movement('BROADCAST_TO', (node, known) => {
  const x = input(node, 0);
  const shape = vector(node, known, 1, count(input(node, 1)));
  const added = shape.length - x.shape.length;
  if (added < 0 || x.shape.some((n, d) => n !== 1 && n !== shape[added + d])) {
    throw badShape(node, `[${x.shape}] cannot be broadcast to [${shape}]`);
  }
  const xs = steps(x.shape);
  const ys = steps(shape);
  const step = (d: number) => (d < 0 || x.shape[d] === 1 ? 0 : xs[d]!);
  return {
    shapes: [shape],
    moves: [{ from: x, to: output(node), axes: shape.map((n, d) => [n, step(d - added), ys[d]!]) }],
  };
});
