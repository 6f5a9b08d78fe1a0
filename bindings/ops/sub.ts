import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { binary } from './shared/binary.js';
import { quantizedSum } from './shared/quantized.js';

export const sub = binary({
  name: 'SUB',
  op: BinaryOp.SUB,
  plain: ['float32', 'float16', 'int32', 'int64', 'int16'],
  quantized: { dtypes: ['int8', 'uint8', 'int16'], lower: (node, plan, a, b) => quantizedSum(node, plan, a, b, -1) },
});
