import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'FLOOR',
  dtypes: ['float32', 'float16', 'bfloat16'],
  f: Math.floor,
});
