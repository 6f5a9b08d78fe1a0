import { type DType, elementBits } from '../../dtype.js';
import { bytesOf, count, type Value } from '../../graph/ir.js';
import { integerRange } from '../../quantization.js';
import type { Arg, PlanBuilder } from '../operator.js';

/** Types of which several elements are in a byte. */
export const PACKED: readonly DType[] = ['int2', 'int4', 'uint4'];

/** The elements of such a value, one int8 each, in memory of the node. */
export function unpackedBits(plan: PlanBuilder, x: Value): Arg {
  const y = plan.temporary(count(x));
  plan.call('x8_unpack_bits', [x, y, elementBits(x.dtype), x.dtype === 'uint4' ? 0 : 1], count(x));
  return y;
}

/** int8 elements, clamped to what y can hold, to y. */
export function packBits(plan: PlanBuilder, x: Arg, y: Value): void {
  plan.call('s8_pack_bits', [x, y, elementBits(y.dtype), ...integerRange(y.dtype), count(y)], bytesOf(y));
}
