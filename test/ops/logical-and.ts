import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'LOGICAL_AND',
  dtypes: ['bool'],
  integer: (a, b) => a & b,
});
