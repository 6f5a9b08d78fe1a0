import { BinaryOp } from '../../../assembly/lib/opcodes.js';
import { binary } from '../shared/binary.js';
import { quantizedSum } from '../shared/quantized.js';
import { typedAs } from '../shared/typed.js';
import { widened } from '../shared/widened.js';
import { sub as standard } from '../sub.js';

/** With int16 and plain numbers. */
export const sub = widened(
  standard,
  typedAs(
    1,
    binary({
      name: 'SUB',
      op: BinaryOp.SUB,
      plain: ['float16', 'int32', 'int64', 'int16'],
      quantized: { dtypes: ['int16'], lower: (node, plan, a, b) => quantizedSum(node, plan, a, b, -1) },
    }),
  ),
);
