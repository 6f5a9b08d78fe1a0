import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_ADD',
  dtypes: [
    'float32',
    'float16',
    'float64',
    'int8',
    'int16',
    'int32',
    'int64',
    'uint8',
    'uint16',
    'uint32',
    'uint64',
    'bool',
  ],
  sameShape: true,
  f: (a, b) => a + b,
  integer: (a, b) => a + b,
});
