import { BinaryOp, UnaryOp } from '../../assembly/lib/opcodes.js';
import { QUANTIZED } from './shared/activations.js';
import { multiplication } from './shared/more-tables.js';
import { unary } from './shared/unary.js';

export const abs = unary({
  name: 'ABS',
  float: UnaryOp.ABS,
  quantized: {
    dtypes: QUANTIZED,
    table(_, x, y) {
      const rescale = x.scale === y.scale ? (q: number) => q : multiplication(Math.fround(x.scale / y.scale));
      return (q) => rescale(Math.abs(q - x.zeroPoint)) + y.zeroPoint;
    },
  },
  integer: { dtypes: ['int16', 'int32'], op: BinaryOp.ABS },
});
