import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'SIGN',
  dtypes: ['float32', 'float16', 'float64', 'int32'],
  f: Math.sign,
  integer: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
});
