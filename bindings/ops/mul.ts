import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { quantizedProduct } from './shared/quantized.js';

export const mul = binary({
  name: 'MUL',
  op: BinaryOp.MUL,
  plain: ['float32', 'float16', 'int32', 'uint32', 'int64', 'int16', 'complex64'],
  quantized: { dtypes: ['int8', 'uint8', 'int16'], lower: quantizedProduct },
});
