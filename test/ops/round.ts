import { unarySpec } from '../support/elementwise.js';

export default unarySpec({
  op: 'ROUND',
  dtypes: ['float32', 'float16', 'bfloat16'],
  // Halves go to the even neighbour.
  f: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
});
