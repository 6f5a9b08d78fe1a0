import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { clampOperator } from './shared/activations.js';

export const relu = clampOperator('RELU', UnaryOp.RELU);
