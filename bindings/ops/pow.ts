import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const pow = typedAs(
  0,
  binary({
    name: 'POW',
    op: BinaryOp.POW,
    plain: ['float32', 'int32'],
  }),
);
