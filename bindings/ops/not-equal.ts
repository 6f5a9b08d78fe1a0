import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';

export const notEqual = comparison('NOT_EQUAL', CompareOp.NOT_EQUAL, { equality: true });
