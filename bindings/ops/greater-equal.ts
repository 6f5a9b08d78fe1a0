import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';

export const greaterEqual = comparison('GREATER_EQUAL', CompareOp.LESS_EQUAL, { swapped: true });
