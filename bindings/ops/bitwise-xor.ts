import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';

export const bitwiseXor = binary({
  name: 'BITWISE_XOR',
  op: BinaryOp.BITWISE_XOR,
  plain: ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'],
});
