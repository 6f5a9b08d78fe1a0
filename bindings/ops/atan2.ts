import { BinaryOp } from '../../assembly/lib/opcodes.js';
import { sameShape } from './shared/same-shape.js';

export const atan2 = sameShape('ATAN2', BinaryOp.ATAN2, ['float32', 'float64', 'float16', 'bfloat16']);
