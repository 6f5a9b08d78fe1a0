import { elementBits } from '../dtype.js';
import { badShape, input, output, unsupported } from '../graph/ir.js';
import { movement, whole } from './shared/strided-copy.js';

/** The same bytes as another type; elements of another size take from, or become, a last dimension. */
export const bitcast = movement('BITCAST', (node) => {
  const x = input(node, 0);
  const y = output(node);
  const from = elementBits(x.dtype);
  const to = elementBits(y.dtype);
  if (!(from && to) || from % 8 || to % 8) throw unsupported(node, `${x.dtype} as ${y.dtype}`);
  let shape = x.shape;
  if (from > to) shape = [...shape, from / to];
  else if (from < to) shape = shape.slice(0, -1);
  if (from < to && x.shape.at(-1) !== to / from) {
    throw badShape(node, `[${x.shape}] must end in ${to / from} to become ${y.dtype}`);
  }
  return { shapes: [shape], moves: [whole(x, y)] };
});
