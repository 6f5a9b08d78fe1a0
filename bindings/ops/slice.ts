import { badShape } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { striding } from './shared/striding.js';

/** A box of the input: begin and size per dimension; size -1 is the rest. */
export const slice = striding('SLICE', (node, known, x, s) => {
  const rank = x.shape.length;
  const begin = vector(node, known, 1, rank);
  const size = vector(node, known, 2, rank).map((n, d) => (n === -1 ? x.shape[d]! - begin[d]! : n));
  if (begin.some((b, d) => b < 0 || size[d]! < 0 || b + size[d]! > x.shape[d]!)) {
    throw badShape(node, `begin [${begin}], size [${size}] exceed the input [${x.shape}]`);
  }
  return { axes: size.map((n, d) => [n, s[d]!]), fromOffset: begin.reduce((at, b, d) => at + b * s[d]!, 0) };
});
