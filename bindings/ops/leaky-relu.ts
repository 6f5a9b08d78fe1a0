import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { QUANTIZED } from './shared/activations.js';
import { multiplication } from './shared/more-tables.js';
import { unary } from './shared/unary.js';

const { fround } = Math;

export const leakyRelu = unary({
  name: 'LEAKY_RELU',
  float: UnaryOp.LEAKY_RELU,
  quantized: {
    dtypes: QUANTIZED,
    table(node, x, y) {
      const positive = multiplication(fround(x.scale / y.scale));
      const negative = multiplication(fround(fround(x.scale * fround(node.options.alpha)) / y.scale));
      return (q) => {
        const value = q - x.zeroPoint;
        return (value >= 0 ? positive(value) : negative(value)) + y.zeroPoint;
      };
    },
  },
});
