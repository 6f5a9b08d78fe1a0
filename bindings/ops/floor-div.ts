import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const floorDiv = typedAs(
  0,
  binary({
    name: 'FLOOR_DIV',
    op: BinaryOp.FLOOR_DIV,
    plain: ['float32', 'int8', 'int16', 'int32', 'int64'],
  }),
);
