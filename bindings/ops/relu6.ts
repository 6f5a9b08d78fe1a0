import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { clampOperator } from './shared/activations.js';

export const relu6 = clampOperator('RELU6', UnaryOp.RELU6);
