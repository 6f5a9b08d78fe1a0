import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { QUANTIZED, sampled } from './shared/activations.js';
import { typedAs } from './shared/typed.js';
import { unary } from './shared/unary.js';

export const exp = typedAs(
  0,
  unary({
    name: 'EXP',
    float: UnaryOp.EXP,
    quantized: sampled(QUANTIZED, (_, x) => Math.exp(x)),
  }),
);
