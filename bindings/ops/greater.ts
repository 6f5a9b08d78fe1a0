import { CompareOp } from '../../assembly/lib/opcodes.js';
import { comparison } from './shared/comparison.js';

export const greater = comparison('GREATER', CompareOp.LESS, { swapped: true });
