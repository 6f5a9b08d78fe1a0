import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const sin = unary({ name: 'SIN', float: UnaryOp.SIN });
