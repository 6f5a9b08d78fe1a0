import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { relu } from './shared/activations.js';

export const relu0To1 = relu('RELU_0_TO_1', UnaryOp.RELU_0_TO_1, 0, 1);
