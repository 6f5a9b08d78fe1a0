import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const floor = unary({ name: 'FLOOR', float: UnaryOp.FLOOR });
