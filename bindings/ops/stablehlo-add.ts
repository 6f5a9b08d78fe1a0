import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { NUMBERS, sameShape } from './shared/same-shape.js';

export const stablehloAdd = sameShape('STABLEHLO_ADD', BinaryOp.ADD, NUMBERS);
