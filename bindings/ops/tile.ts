import { badShape } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { striding } from './shared/striding.js';

/** Repeats every dimension as often as input 1 says. */
export const tile = striding('TILE', (node, known, x, s) => {
  const times = vector(node, known, 1, x.shape.length);
  if (times.some((t) => t < 0)) throw badShape(node, `multiples [${times}] must not be negative`);
  return {
    shape: x.shape.map((n, d) => n * times[d]!),
    axes: x.shape.flatMap((n, d) => [[times[d]!, 0] as const, [n, s[d]!] as const]),
  };
});
