import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'CEIL',
  dtypes: ['float32', 'float16'],
  f: Math.ceil,
});
