import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { arithmetic, typedByInputs } from './shared/arithmetic.js';
import { quantizedSum } from './shared/quantized.js';

export const add = typedByInputs(
  arithmetic('ADD', BinaryOp.ADD, (node, plan, a, b) => quantizedSum(node, plan, a, b, 1)),
);
