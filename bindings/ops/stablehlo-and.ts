import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { INTEGERS, sameShape } from './shared/same-shape.js';

export const stablehloAnd = sameShape('STABLEHLO_AND', BinaryOp.BITWISE_AND, [...INTEGERS, 'bool']);
