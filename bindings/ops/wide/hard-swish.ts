import { UnaryOp } from '../../../assembly/lib/opcodes.js';
import { hardSwish as standard } from '../hard-swish.js';
import { unary } from '../shared/unary.js';
import { widened } from '../shared/widened.js';

/** With halves. */
export const hardSwish = widened(standard, unary({ name: 'HARD_SWISH', float: UnaryOp.HARD_SWISH }));
