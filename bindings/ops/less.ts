import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';
import { typedAs } from './shared/typed.js';

export const less = typedAs('bool', comparison('LESS', CompareOp.LESS));
