import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { NUMBERS, sameShape } from './shared/same-shape.js';

export const stablehloMultiply = sameShape('STABLEHLO_MULTIPLY', BinaryOp.MUL, NUMBERS);
