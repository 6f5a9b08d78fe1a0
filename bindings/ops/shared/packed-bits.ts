import { type DType, elementBits } from '../../dtype.js';
import { bytesOf, count, type Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder } from '../operator.js';

/** Types of which several elements are in a byte. */
export const PACKED: readonly DType[] = ['int2', 'int4', 'uint4'];

const isSigned = ({ dtype }: Value) => dtype !== 'uint4';

/** The elements of such a value, one int8 each, in memory of the node. */
export function unpackedBits(plan: PlanBuilder, x: Value): Arg {
  const y = plan.temporary(count(x));
  plan.call('x8_unpack_bits', [x, y, elementBits(x.dtype), Number(isSigned(x))], count(x));
  return y;
}

/** int8 elements, clamped to what y can hold, to y. */
export function packBits(plan: PlanBuilder, x: Arg, y: Value): void {
  const bits = elementBits(y.dtype);
  const lo = isSigned(y) ? -(2 ** (bits - 1)) : 0;
  plan.call('s8_pack_bits', [x, y, bits, lo, lo + 2 ** bits - 1, count(y)], bytesOf(y));
}
