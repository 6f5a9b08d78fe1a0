import { BinaryOp, UnaryOp } from '../../assembly/lib/opcodes.js';
import { typedAs } from './shared/typed.js';
import { unary } from './shared/unary.js';

/** TFLite negates the stored values of int8 and int16, whatever their quantization; the smallest stays as it is. */
export const neg = typedAs(
  0,
  unary({
    name: 'NEG',
    float: UnaryOp.NEG,
    quantized: { dtypes: ['int8'], table: () => (q) => (q === -128 ? q : -q) },
    integer: { dtypes: ['int16', 'int32', 'int64'], op: BinaryOp.SUB, second: true },
  }),
);
