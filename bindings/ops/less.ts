import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';

export const less = comparison('LESS', CompareOp.LESS);
