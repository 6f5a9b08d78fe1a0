import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';
import { typedAs } from './shared/typed.js';

export const equal = typedAs('bool', comparison('EQUAL', CompareOp.EQUAL, { equality: true }));
