import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { quantizedSquaredDifference } from './shared/more-quantized.js';
import { typedAs } from './shared/typed.js';

export const squaredDifference = typedAs(
  0,
  binary({
    name: 'SQUARED_DIFFERENCE',
    op: BinaryOp.SQUARED_DIFFERENCE,
    plain: ['float32', 'float16', 'int32', 'int64'],
    quantized: { dtypes: ['int8'], lower: quantizedSquaredDifference },
  }),
);
