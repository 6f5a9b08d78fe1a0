import { fround, scaled, unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'ABS',
  dtypes: ['float32', 'float16', 'int8', 'uint8', 'int16', 'int32'],
  f: Math.abs,
  quantized(q, x, y) {
    const value = Math.abs(q - x.zeroPoint);
    return (x.scale === y.scale ? value : scaled(value, fround(x.scale / y.scale))) + y.zeroPoint;
  },
  integer: (x) => (x < 0n ? -x : x),
});
