import type { DType } from '../../dtype.js';
import { input, type OpNode, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';

/** The first output has the type of input `from`, or that type, whatever the file says, as TFLite's kernels have it for some operators. */
export function typedAs(from: number | DType, operator: Operator): Operator {
  const type = (node: OpNode) => (typeof from === 'number' ? input(node, from).dtype : from);
  return {
    ...operator,
    infer(node, known) {
      output(node).dtype = type(node);
      return operator.infer(node, known);
    },
  };
}
