import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { EIGHT_BIT } from './shared/activations.js';
import { tanh16 } from './shared/sigmoid16.js';
import { realFunction } from './shared/tables.js';
import { unary } from './shared/unary.js';

export const tanh = unary({
  name: 'TANH',
  float: UnaryOp.TANH,
  quantized: {
    dtypes: [...EIGHT_BIT, 'int16'],
    table: (node, x, y) => (node.inputs[0]!.dtype === 'int16' ? tanh16(node, x, y) : realFunction(x, y, Math.tanh)),
  },
});
