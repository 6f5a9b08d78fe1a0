import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const bitwiseXor = typedAs(
  0,
  binary({
    name: 'BITWISE_XOR',
    op: BinaryOp.BITWISE_XOR,
    plain: ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'],
  }),
);
