import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { activation } from './shared/look-up.js';
import { hardSwish as table } from './shared/tables.js';

export const hardSwish = activation('HARD_SWISH', UnaryOp.HARD_SWISH, table);
