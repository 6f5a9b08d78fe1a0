import { input, type OpNode, unsupported, type Value } from '../../graph/ir.js';

/** Input `i`, a tensor of indices in a type that the gather kernels read. */
export function indexInput(node: OpNode, i: number): Value {
  const value = input(node, i);
  if (!['int16', 'int32', 'int64'].includes(value.dtype)) throw unsupported(node, `${value.dtype} indices`);
  return value;
}
