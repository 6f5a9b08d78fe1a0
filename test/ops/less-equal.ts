import { binarySpec, scaled } from '../support/elementwise.js';

export default binarySpec({
  op: 'LESS_EQUAL',
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int16', 'int32', 'int64'],
  f: (a, b) => Number(a <= b),
  integer: (a, b) => BigInt(a <= b),
  // Both with 8 more bits, times their scales.
  quantized: (qa, qb, a, b) =>
    Number(scaled((qa - a.zeroPoint) * 256, a.scale) <= scaled((qb - b.zeroPoint) * 256, b.scale)),
  comparison: 'raw16',
});
