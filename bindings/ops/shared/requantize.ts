import { quantizeMultiplier } from '../../quantization.js';
import type { PlanBuilder } from '../operator.js';

/** A parameter block for `assembly/lib/requantize.ts`, and how to read it. */
export interface Requantization {
  readonly address: number;
  /** FAST, EXACT_RIGHT, EXACT, ONCE_RIGHT or ONCE there. */
  readonly mode: 0 | 1 | 2 | 3 | 4;
}

/** The mode of FAST where no product of sum and multiplier reaches 2^22. */
export const FAST_SMALL = -1;

/** How often TFLite rounds in `exact` arithmetic: its products of int8 matrices round once, everything else twice. */
export type Rounding = 'once' | 'twice';

/**
 * Per-channel real multipliers (input scale * weight scale / output scale, as doubles) as a parameter block for the
 * plan's arithmetic. Groups of four channels; padded with zero multipliers to a multiple of 16 channels, so that
 * kernels may read whole vectors.
 */
export function requantization(
  plan: PlanBuilder,
  multipliers: ArrayLike<number>,
  rounding: Rounding = 'twice',
): Requantization {
  const padded = (multipliers.length + 15) & ~15;
  if (plan.arithmetic === 'fast') {
    const scales = new Float32Array(padded);
    scales.set(multipliers);
    return { address: plan.constant(scales), mode: 0 };
  }
  const block = new Int32Array(padded * 3);
  let general = false;
  for (let c = 0; c < multipliers.length; c++) {
    // Padding stays zero, and has no say in the mode.
    if (!multipliers[c]) continue;
    const at = (c >> 2) * 12 + (c & 3);
    const { multiplier, shift } = quantizeMultiplier(multipliers[c]!);
    if (shift >= 0) general = true;
    block[at] = multiplier;
    block[at + 4] = 1 << Math.max(0, shift);
    block[at + 8] = shift < 0 ? 2 ** (31 + shift) : 0;
  }
  const mode = rounding === 'once' ? (general ? 4 : 3) : general ? 2 : 1;
  return { address: plan.constant(block), mode };
}
