import { UnaryOp } from '../../assembly/lib/opcodes.js';
import { inverseSquareRoots, realFunction16 } from './shared/more-tables.js';
import { unary } from './shared/unary.js';

const { fround } = Math;

export const rsqrt = unary({
  name: 'RSQRT',
  float: UnaryOp.RSQRT,
  quantized: {
    dtypes: ['int8', 'int16'],
    table(node, x, y) {
      if (node.inputs[0]!.dtype === 'int8') return inverseSquareRoots(x, y);
      return realFunction16(x, y, (v) => (v > 0 ? fround(1 / fround(Math.sqrt(v))) : fround(32767 * y.scale)));
    },
  },
});
