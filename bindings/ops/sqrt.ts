import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { QUANTIZED } from './shared/activations.js';
import { squareRoot } from './shared/more-tables.js';
import { unary } from './shared/unary.js';

export const sqrt = unary({
  name: 'SQRT',
  float: UnaryOp.SQRT,
  quantized: { dtypes: QUANTIZED, table: (_, x, y) => squareRoot(x, y) },
});
