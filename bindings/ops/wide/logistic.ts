import { UnaryOp } from '../../../assembly/lib/opcodes.js';
import { logistic as standard } from '../logistic.js';
import { logistic16 } from '../shared/sigmoid16.js';
import { unary } from '../shared/unary.js';
import { widened } from '../shared/widened.js';

/** With halves and int16. */
export const logistic = widened(
  standard,
  unary({ name: 'LOGISTIC', float: UnaryOp.LOGISTIC, quantized: { dtypes: ['int16'], table: logistic16 } }),
);
