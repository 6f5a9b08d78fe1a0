import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { typedAs } from './shared/typed.js';
import { unary } from './shared/unary.js';

export const round = typedAs(0, unary({ name: 'ROUND', float: UnaryOp.ROUND }));
