import { badShape, checkShape, count, input } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { striding } from './shared/striding.js';

/** Repeats dimensions of 1, and adds outer ones, up to the shape in input 1. */
export const broadcastTo = striding('BROADCAST_TO', (node, known, x, s) => {
  const wanted = input(node, 1);
  checkShape(node, wanted.shape.length === 1, () => `the shape must be a vector, not [${wanted.shape}]`);
  const shape = vector(node, known, 1, count(wanted));
  const added = shape.length - x.shape.length;
  if (added < 0 || shape.some((n) => n < 0) || x.shape.some((n, d) => n !== 1 && n !== shape[added + d])) {
    throw badShape(node, `[${x.shape}] cannot be broadcast to [${shape}]`);
  }
  return { axes: shape.map((n, i) => [n, i < added || x.shape[i - added] === 1 ? 0 : s[i - added]!]) };
});
