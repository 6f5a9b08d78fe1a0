import { BinaryOp } from '../../../assembly/lib/opcodes.js';
import { mul as standard } from '../mul.js';
import { binary } from '../shared/binary.js';
import { quantizedProduct } from '../shared/quantized.js';
import { widened } from '../shared/widened.js';

/** With int16 and plain numbers. */
export const mul = widened(
  standard,
  binary({
    name: 'MUL',
    op: BinaryOp.MUL,
    plain: ['float16', 'int32', 'uint32', 'int64', 'int16', 'complex64'],
    quantized: { dtypes: ['int16'], lower: quantizedProduct },
    narrows: ['int8', 'uint8'],
  }),
);
