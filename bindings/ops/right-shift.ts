import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const rightShift = typedAs(
  0,
  binary({
    name: 'RIGHT_SHIFT',
    op: BinaryOp.SHIFT_RIGHT,
    plain: ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'],
  }),
);
