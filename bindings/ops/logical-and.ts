import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const logicalAnd = typedAs(
  'bool',
  binary({
    name: 'LOGICAL_AND',
    op: BinaryOp.LOGICAL_AND,
    plain: ['bool'],
  }),
);
