import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { arithmetic } from './shared/arithmetic.js';
import { quantizedSum } from './shared/quantized.js';

export const sub = arithmetic('SUB', BinaryOp.SUB, (node, plan, a, b) => quantizedSum(node, plan, a, b, -1));
