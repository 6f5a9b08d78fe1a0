import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { quantizedQuotient } from './shared/more-quantized.js';
import { typedAs } from './shared/typed.js';

export const div = typedAs(
  1,
  binary({
    name: 'DIV',
    op: BinaryOp.DIV,
    plain: ['float32', 'float16', 'int32', 'int64'],
    quantized: { dtypes: ['int8', 'uint8', 'int16'], lower: quantizedQuotient },
  }),
);
