// Convolutions with int16 activations.
import type { OpNode, Value } from '../../graph/ir.js';
import { quantizeMultiplier } from '../../quantization.js';
import type { PlanBuilder } from '../operator.js';

/** Whether input `i` of a convolution, or a product, is the bias of int16 activations. */
export const isHalvesBias = ({ inputs }: OpNode, i: number) => i === 2 && inputs[0]?.dtype === 'int16';

/** Elements of a bias. */
export const biasOf = (plan: PlanBuilder, bias: Value | null) =>
  bias && (plan.read(bias) as BigInt64Array | Int32Array);

/** Parameters of sums with an int64 bias that are rescaled in float64. */
export function doubleRequantization(
  plan: PlanBuilder,
  multipliers: Float64Array,
  bias: ArrayLike<bigint | number> | null,
): number {
  const block = new DataView(new ArrayBuffer(multipliers.length * 16));
  multipliers.forEach((real, c) => {
    block.setBigInt64(c * 16, BigInt(bias?.[c] ?? 0), true);
    block.setFloat64(c * 16 + 8, real, true);
  });
  return plan.constant(new Uint8Array(block.buffer));
}

/**
 * Parameters of finishRowHalves in assembly/lib/finish.ts: int64 bias and 16-bit multiplier of int16 outputs. `whole`: the
 * multiplier has 31 bits, and shifts left.
 */
export function halvesRequantization(
  plan: PlanBuilder,
  multipliers: Float64Array,
  bias: ArrayLike<bigint | number> | null,
  whole = false,
): number {
  const block = new DataView(new ArrayBuffer(multipliers.length * 16));
  multipliers.forEach((real, c) => {
    const { multiplier, shift } = quantizeMultiplier(real);
    block.setBigInt64(c * 16, BigInt(bias?.[c] ?? 0), true);
    const reduced = multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
    block.setInt32(c * 16 + 8, whole ? multiplier : reduced, true);
    block.setInt32(c * 16 + 12, whole ? shift : 15 - shift, true);
  });
  return plan.constant(new Uint8Array(block.buffer));
}
