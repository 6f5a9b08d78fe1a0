import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const round = unary({ name: 'ROUND', float: UnaryOp.ROUND });
