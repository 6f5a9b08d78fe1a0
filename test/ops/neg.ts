import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'NEG',
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'int16', 'int32', 'int64'],
  f: (x) => -x,
  // The stored values, in 8 bits.
  quantized: (q) => (-q << 24) >> 24,
  integer: (x) => -x,
});
