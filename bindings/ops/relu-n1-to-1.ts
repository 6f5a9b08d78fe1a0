import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { clampOperator } from './shared/activations.js';

export const reluN1To1 = clampOperator('RELU_N1_TO_1', UnaryOp.RELU_N1_TO_1);
