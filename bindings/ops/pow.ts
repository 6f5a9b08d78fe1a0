import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';

export const pow = binary({
  name: 'POW',
  op: BinaryOp.POW,
  plain: ['float32', 'int32'],
});
