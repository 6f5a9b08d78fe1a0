import type { DType } from '../../dtype.js';
import { input, type OpNode } from '../../graph/ir.js';
import type { Operator } from '../operator.js';

const COMMON: readonly DType[] = ['float32', 'int8', 'uint8'];

/** `standard` where `takes` says so (the types that most models compute with), and `other`, which lacks those forms, elsewhere. */
export function widened(
  standard: Operator,
  other: Pick<Operator, 'infer' | 'lower'>,
  takes: (node: OpNode) => boolean = (node) => COMMON.includes(input(node, 0).dtype),
): Operator {
  const chosen = (node: OpNode) => (takes(node) ? standard : other);
  return {
    ...standard,
    infer: (node, known) => chosen(node).infer(node, known),
    lower: (node, plan) => chosen(node).lower(node, plan),
  };
}
