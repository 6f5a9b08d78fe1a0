import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { arithmetic } from './shared/arithmetic.js';
import { quantizedProduct } from './shared/quantized.js';

export const mul = arithmetic('MUL', BinaryOp.MUL, quantizedProduct);
