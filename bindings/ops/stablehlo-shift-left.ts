import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { sameShape } from './shared/same-shape.js';
import { typedAs } from './shared/typed.js';

export const stablehloShiftLeft = typedAs(
  0,
  sameShape('STABLEHLO_SHIFT_LEFT', BinaryOp.SHIFT_LEFT, ['int8', 'int16', 'int32']),
);
