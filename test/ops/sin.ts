import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'SIN',
  dtypes: ['float32', 'float16'],
  f: Math.sin,
});
