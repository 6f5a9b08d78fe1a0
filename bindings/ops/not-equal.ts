import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';
import { typedAs } from './shared/typed.js';

export const notEqual = typedAs('bool', comparison('NOT_EQUAL', CompareOp.NOT_EQUAL, { equality: true }));
