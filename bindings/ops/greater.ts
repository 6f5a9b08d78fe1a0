import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';
import { typedAs } from './shared/typed.js';

export const greater = typedAs('bool', comparison('GREATER', CompareOp.LESS, { swapped: true }));
