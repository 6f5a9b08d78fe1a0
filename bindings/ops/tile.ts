import { badShape, input, output } from '../graph/ir.js';
import { type Axis, movement, steps, vector } from './shared/strided-copy.js';

/** Repeats every dimension as often as input 1 says. */
export const tile = movement('TILE', (node, known) => {
  const x = input(node, 0);
  const times = vector(node, known, 1, x.shape.length);
  if (times.some((t) => t < 0)) throw badShape(node, `multiples [${times}] must not be negative`);
  const shape = x.shape.map((n, d) => n * times[d]!);
  const xs = steps(x.shape);
  const ys = steps(shape);
  const axes = x.shape.flatMap((n, d): Axis[] => [
    [times[d]!, 0, n * ys[d]!],
    [n, xs[d]!, ys[d]!],
  ]);
  return { shapes: [shape], moves: [{ from: x, to: output(node), axes }] };
});
