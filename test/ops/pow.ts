import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'POW',
  dtypes: ['float32'],
  f: (a, b) => a ** b,
  positive: true,
  tolerance: { rtol: 1e-6 },
  cases: [
    {
      name: 'integers',
      inputs: [
        { dtype: 'int32', shape: [2, 3], data: Int32Array.of(2, -3, 0, 7, 1, -1) },
        { dtype: 'int32', shape: [3], data: Int32Array.of(5, 0, 3) },
      ],
      outputs: [{ dtype: 'int32', shape: [] }],
    },
    {
      name: 'signs',
      inputs: [
        { dtype: 'float32', shape: [6], data: Float32Array.of(-2, -2, 0, -8, 2, Infinity) },
        { dtype: 'float32', shape: [6], data: Float32Array.of(3, 2, -1, 0.5, -Infinity, -1) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
  integer: (a, b) => a ** b,
});
