import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { integerRange } from '../quantization.js';
import { QUANTIZED, sampled } from './shared/activations.js';
import { unary } from './shared/unary.js';

export const log = unary({
  name: 'LOG',
  float: UnaryOp.LOG,
  // Where there is no logarithm, the smallest real number that the output has.
  quantized: sampled(QUANTIZED, (_, x, y, dtype) =>
    x > 0 ? Math.log(x) : (integerRange(dtype)[0] - y.zeroPoint) * y.scale,
  ),
});
