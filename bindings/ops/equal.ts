import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';

export const equal = comparison('EQUAL', CompareOp.EQUAL, { equality: true });
