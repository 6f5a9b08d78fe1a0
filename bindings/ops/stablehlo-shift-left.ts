import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { sameShape } from './shared/same-shape.js';

export const stablehloShiftLeft = sameShape('STABLEHLO_SHIFT_LEFT', BinaryOp.SHIFT_LEFT, ['int8', 'int16', 'int32']);
