import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';

export const lessEqual = comparison('LESS_EQUAL', CompareOp.LESS_EQUAL);
