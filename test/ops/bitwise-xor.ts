import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'BITWISE_XOR',
  dtypes: ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'],
  integer: (a, b) => a ^ b,
});
