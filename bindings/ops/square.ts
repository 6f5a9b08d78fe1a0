import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const square = unary({ name: 'SQUARE', float: UnaryOp.SQUARE });
