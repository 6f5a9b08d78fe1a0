import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const logicalOr = typedAs(
  'bool',
  binary({
    name: 'LOGICAL_OR',
    op: BinaryOp.LOGICAL_OR,
    plain: ['bool'],
  }),
);
