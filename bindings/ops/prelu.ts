import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { quantizedPrelu } from './shared/more-quantized.js';
import { typedAs } from './shared/typed.js';

export const prelu = typedAs(
  0,
  binary({
    name: 'PRELU',
    op: BinaryOp.PRELU,
    plain: ['float32', 'float16', 'bfloat16'],
    quantized: { dtypes: ['int8', 'uint8', 'int16'], lower: quantizedPrelu },
    alpha: true,
  }),
);
