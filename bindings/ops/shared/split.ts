import { elementCount } from '../../dtype.js';
import { badShape, type OpNode, type Value } from '../../graph/ir.js';
import { type Movement, splice } from './strided-copy.js';

/** Cuts `from` along `axis` into parts of the given sizes; `drop` leaves the axis (of 1) out of their shapes. */
export function split(node: OpNode, from: Value, axis: number, sizes: readonly number[], drop = false): Movement {
  const { shape } = from;
  const n = shape[axis]!;
  if (
    sizes.length !== node.outputs.length ||
    sizes.some((s) => !(Number.isInteger(s) && s >= 0)) ||
    sizes.reduce((a, b) => a + b, 0) !== n
  ) {
    throw badShape(node, `cannot split ${n} elements into [${sizes}] for ${node.outputs.length} outputs`);
  }
  const outer = elementCount(shape.slice(0, axis));
  const inner = elementCount(shape.slice(axis + 1));
  let at = 0;
  return {
    shapes: sizes.map((s) => splice(shape, axis, 1, ...(drop ? [] : [s]))),
    moves: sizes.map((s, i) => {
      const fromOffset = at * inner;
      at += s;
      return {
        from,
        to: node.outputs[i]!,
        axes: [
          [outer, n * inner, s * inner],
          [s * inner, 1, 1],
        ],
        fromOffset,
      };
    }),
  };
}
