import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { typedAs } from './shared/typed.js';
import { unary } from './shared/unary.js';

export const floor = typedAs(0, unary({ name: 'FLOOR', float: UnaryOp.FLOOR }));
