import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'LOGICAL_OR',
  dtypes: ['bool'],
  integer: (a, b) => a | b,
});
