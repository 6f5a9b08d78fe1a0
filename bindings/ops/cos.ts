import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const cos = unary({ name: 'COS', float: UnaryOp.COS });
