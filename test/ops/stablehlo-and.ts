import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_AND',
  dtypes: ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'bool'],
  sameShape: true,
  integer: (a, b) => a & b,
});
