import type { TypedArray } from '../../dtype.js';
import { type OpNode, output, unsupported } from '../../graph/ir.js';

/** Numbers as the dtype of the node's output, which must be int32 or int64. */
export function integers(node: OpNode, values: readonly number[]): TypedArray {
  const { dtype } = output(node);
  if (dtype === 'int32') return Int32Array.from(values);
  if (dtype === 'int64') return BigInt64Array.from(values.map(BigInt));
  throw unsupported(node, `output ${dtype}`);
}
