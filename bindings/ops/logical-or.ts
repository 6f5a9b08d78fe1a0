import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';

export const logicalOr = binary({
  name: 'LOGICAL_OR',
  op: BinaryOp.LOGICAL_OR,
  plain: ['bool'],
});
