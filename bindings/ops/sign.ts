import { BinaryOp, UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const sign = unary({
  name: 'SIGN',
  float: UnaryOp.SIGN,
  integer: { dtypes: ['int32', 'float64'], op: BinaryOp.SIGN },
});
