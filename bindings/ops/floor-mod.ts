import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const floorMod = typedAs(
  0,
  binary({
    name: 'FLOOR_MOD',
    op: BinaryOp.FLOOR_MOD,
    plain: ['float32', 'int8', 'int16', 'int32', 'int64'],
  }),
);
