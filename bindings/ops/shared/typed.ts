import type { DType } from '../../dtype.js';
import { input, type OpNode, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';

/** The type of that input, or that type. */
type Source = number | DType;

/**
 * The first output, or those that a list names, have these types, whatever the file says, as TFLite's kernels have it for some
 * operators.
 */
export function typedAs(from: Source | ((node: OpNode) => readonly Source[]), operator: Operator): Operator {
  return {
    ...operator,
    infer(node, known) {
      const sources = typeof from === 'function' ? from(node) : [from];
      for (const [i, source] of sources.entries()) {
        output(node, i).dtype = typeof source === 'number' ? input(node, source).dtype : source;
      }
      return operator.infer(node, known);
    },
  };
}

/** The same by a type option, of integers; an option that has no such type leaves what the file says. */
export const typedByOption = (option: string, operator: Operator): Operator =>
  typedAs((node) => {
    const { [option]: type } = node.options;
    return type === 'INT32' ? ['int32'] : type === 'INT64' ? ['int64'] : [];
  }, operator);
