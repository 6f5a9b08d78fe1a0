import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';
import { typedAs } from './shared/typed.js';

export const lessEqual = typedAs('bool', comparison('LESS_EQUAL', CompareOp.LESS_EQUAL));
