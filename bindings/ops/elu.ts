import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { EIGHT_BIT, sampled } from './shared/activations.js';
import { unary } from './shared/unary.js';

export const elu = unary({
  name: 'ELU',
  float: UnaryOp.ELU,
  quantized: sampled(EIGHT_BIT, (_, x) => (x < 0 ? Math.expm1(x) : x)),
});
