import { elementSize } from '../../dtype.js';
import { count, input, type OpNode, output, unsupported, type Value } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { movement } from './strided-copy.js';

/** Input and output of an operator that makes a real number of each complex one. */
export function realOfComplex(node: OpNode): [from: Value, to: Value] {
  const [from, to] = [input(node, 0), output(node)];
  const real = { complex64: 'float32', complex128: 'float64' }[from.dtype as string];
  if (real === undefined || to.dtype !== real) throw unsupported(node, `${from.dtype} to ${to.dtype}`);
  return [from, to];
}

/** Every other float, from `offset` on. */
export function complexPart(name: string, offset: number): Operator {
  return movement(name, (node) => {
    const [from, to] = realOfComplex(node);
    return {
      shapes: [from.shape],
      moves: [{ from, to, size: elementSize(to.dtype), fromOffset: offset, axes: [[count(from), 2, 1]] }],
    };
  });
}
