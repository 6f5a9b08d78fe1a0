import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { NUMBERS, sameShape } from './shared/same-shape.js';

/** Where one is NaN, the first; MAXIMUM takes the second. */
export const stablehloMaximum = sameShape('STABLEHLO_MAXIMUM', BinaryOp.MAXIMUM, NUMBERS, { swapped: true });
