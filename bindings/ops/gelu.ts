import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { geluStep, geluTanhStep, QUANTIZED, sampled } from './shared/activations.js';
import { unary } from './shared/unary.js';

export const gelu = unary({
  name: 'GELU',
  float: (node) => (node.options.approximate ? UnaryOp.GELU_TANH : UnaryOp.GELU),
  quantized: sampled(QUANTIZED, (node, x) => (node.options.approximate ? geluTanhStep(x) : geluStep(x))),
});
