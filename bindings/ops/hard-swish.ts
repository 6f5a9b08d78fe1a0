import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { EIGHT_BIT } from './shared/activations.js';
import { hardSwish as table } from './shared/tables.js';
import { unary } from './shared/unary.js';

export const hardSwish = unary({
  name: 'HARD_SWISH',
  float: UnaryOp.HARD_SWISH,
  quantized: { dtypes: EIGHT_BIT, table: (_, x, y) => table(x, y) },
});
