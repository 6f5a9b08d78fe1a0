import { count, input, output, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { movement } from './strided-copy.js';

/** Every other float, from `offset` on. */
export function complexPart(name: string, offset: number): Operator {
  return movement(name, (node) => {
    const [from, to] = [input(node, 0), output(node)];
    if (from.dtype !== 'complex64' || to.dtype !== 'float32') throw unsupported(node, `${from.dtype} to ${to.dtype}`);
    return {
      shapes: [from.shape],
      moves: [{ from, to, size: 4, fromOffset: offset, axes: [[count(from), 2, 1]] }],
    };
  });
}
