import { elementBits } from '../../dtype.js';
import { input, invalid, type OpNode, unsupported, type Value } from '../../graph/ir.js';

/** Input `i`, a tensor of indices in a type that the gather kernels read. */
export function indexInput(node: OpNode, i: number): Value {
  const value = input(node, i);
  if (!['int16', 'int32', 'int64'].includes(value.dtype)) throw unsupported(node, `${value.dtype} indices`);
  return value;
}

/** Bytes of `n` elements that move together from one tensor to another. */
export function runBytes(node: OpNode, from: Value, to: Value, n: number): number {
  if (from.dtype !== to.dtype) throw invalid(node, `input is ${from.dtype}, output ${to.dtype}`);
  const bits = elementBits(to.dtype);
  if (bits === 0 || (bits * n) % 8 !== 0) throw unsupported(node, `slices of ${n} elements of type ${to.dtype}`);
  return (bits * n) / 8;
}
