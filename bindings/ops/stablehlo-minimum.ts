import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { NUMBERS, sameShape } from './shared/same-shape.js';

/** Where one is NaN, the first; MINIMUM takes the second. */
export const stablehloMinimum = sameShape('STABLEHLO_MINIMUM', BinaryOp.MINIMUM, NUMBERS, { swapped: true });
