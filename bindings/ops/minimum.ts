import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { typedAs } from './shared/typed.js';

export const minimum = typedAs(
  0,
  binary({
    name: 'MINIMUM',
    op: BinaryOp.MINIMUM,
    plain: ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int16', 'int32', 'int64'],
  }),
);
