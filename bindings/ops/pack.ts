import { elementCount } from '../dtype.js';
import { badShape, input, normalizeAxis, output } from '../graph/ir.js';
import { movement, splice } from './shared/strided-copy.js';

/** Stacks inputs of one shape along a new axis. */
export const pack = movement('PACK', (node) => {
  const first = input(node, 0).shape;
  const n = node.inputs.length;
  const axis = normalizeAxis(node, node.options.axis ?? 0, first.length + 1);
  const outer = elementCount(first.slice(0, axis));
  const inner = elementCount(first.slice(axis));
  return {
    shapes: [splice(first, axis, 0, n)],
    moves: node.inputs.map((_, i) => {
      const from = input(node, i);
      if (`${from.shape}` !== `${first}`) throw badShape(node, `cannot stack [${first}] and [${from.shape}]`);
      return {
        from,
        to: output(node),
        axes: [
          [outer, inner, n * inner],
          [inner, 1, 1],
        ],
        toOffset: i * inner,
      };
    }),
  };
});
