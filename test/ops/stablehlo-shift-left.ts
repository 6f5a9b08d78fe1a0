import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_SHIFT_LEFT',
  dtypes: ['int8', 'int16', 'int32'],
  sameShape: true,
  // Counts beyond the type's bits are undefined in C++; 32-bit machine instructions take them modulo 32.
  integer: (a, b) => a << (b & 31n),
});
