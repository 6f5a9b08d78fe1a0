import { elementCount } from '../../dtype.js';
import { badShape, type OpNode, type Shape } from '../../graph/ir.js';

/** A tensor as [outer, n, inner] around one axis. */
export interface AxisSplit {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

export function splitAt(shape: Shape, axis: number): AxisSplit {
  return {
    outer: elementCount(shape.slice(0, axis)),
    n: shape[axis]!,
    inner: elementCount(shape.slice(axis + 1)),
  };
}

/** A tensor as rows along its last axis. */
export function lastAxis(node: OpNode, shape: Shape): { readonly rows: number; readonly channels: number } {
  if (shape.length === 0) throw badShape(node, 'a scalar has no last axis');
  return { rows: elementCount(shape.slice(0, -1)), channels: shape.at(-1)! };
}
