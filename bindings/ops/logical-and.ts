import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';

export const logicalAnd = binary({
  name: 'LOGICAL_AND',
  op: BinaryOp.LOGICAL_AND,
  plain: ['bool'],
});
