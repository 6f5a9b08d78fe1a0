import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'SQUARE',
  dtypes: ['float32', 'float16'],
  f: (x) => x * x,
  tolerance: { rtol: 1e-6 },
});
