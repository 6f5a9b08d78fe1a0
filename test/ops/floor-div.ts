import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'FLOOR_DIV',
  dtypes: ['float32', 'int8', 'int16', 'int32', 'int64'],
  f: (a, b) => Math.floor(Math.fround(a / b)),
  // By zero, where TFLite fails: 0.
  integer: (a, b) => (b === 0n ? 0n : a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n)),
});
