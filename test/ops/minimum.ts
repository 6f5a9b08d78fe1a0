import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'MINIMUM',
  dtypes: ['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'int16', 'int32', 'int64'],
  f(a, b) {
    if (a < b) return a;
    return b;
  },
  integer(a, b) {
    if (a < b) return a;
    return b;
  },
  cases: [
    {
      name: 'infinities and NaN: the second operand wins',
      inputs: [
        { dtype: 'float32', shape: [6], data: Float32Array.of(Infinity, -Infinity, NaN, 1, 0, -0) },
        { dtype: 'float32', shape: [], data: Float32Array.of(Infinity) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
});
