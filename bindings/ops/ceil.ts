import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { typedAs } from './shared/typed.js';
import { unary } from './shared/unary.js';

export const ceil = typedAs(0, unary({ name: 'CEIL', float: UnaryOp.CEIL }));
