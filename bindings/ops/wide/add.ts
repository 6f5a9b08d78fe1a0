import { BinaryOp } from '../../../assembly/lib/opcodes.js';
import { add as standard } from '../add.js';
import { binary } from '../shared/binary.js';
import { quantizedSum } from '../shared/quantized.js';
import { typedAs } from '../shared/typed.js';
import { widened } from '../shared/widened.js';

/** With int16 and plain numbers. */
export const add = widened(
  standard,
  typedAs(
    1,
    binary({
      name: 'ADD',
      op: BinaryOp.ADD,
      plain: ['float16', 'int32', 'int64', 'int16'],
      quantized: { dtypes: ['int16'], lower: (node, plan, a, b) => quantizedSum(node, plan, a, b, 1) },
    }),
  ),
);
