import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { EIGHT_BIT, logisticStep } from './shared/activations.js';
import { logistic16 } from './shared/sigmoid16.js';
import { realFunction } from './shared/tables.js';
import { unary } from './shared/unary.js';

export const logistic = unary({
  name: 'LOGISTIC',
  float: UnaryOp.LOGISTIC,
  quantized: {
    dtypes: [...EIGHT_BIT, 'int16'],
    table: (node, x, y) =>
      node.inputs[0]!.dtype === 'int16' ? logistic16(node, x, y) : realFunction(x, y, logisticStep),
  },
});
