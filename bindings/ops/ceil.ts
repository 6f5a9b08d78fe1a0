import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { unary } from './shared/unary.js';

export const ceil = unary({ name: 'CEIL', float: UnaryOp.CEIL });
