import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'COS',
  dtypes: ['float32', 'float16'],
  f: Math.cos,
});
