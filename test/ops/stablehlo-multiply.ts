import { binarySpec, NUMBERS } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_MULTIPLY',
  dtypes: NUMBERS,
  sameShape: true,
  f: (a, b) => a * b,
  integer: (a, b) => a * b,
});
