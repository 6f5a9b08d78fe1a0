import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';
import { typedAs } from './shared/typed.js';

export const greaterEqual = typedAs('bool', comparison('GREATER_EQUAL', CompareOp.LESS_EQUAL, { swapped: true }));
