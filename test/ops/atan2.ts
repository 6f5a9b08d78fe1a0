import { binarySpec } from '../support/elementwise.js';

const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN];

export default binarySpec({
  op: 'ATAN2',
  dtypes: ['float32', 'float64', 'float16', 'bfloat16'],
  sameShape: true,
  f: Math.atan2,
  cases: [
    {
      name: 'special values',
      inputs: [
        { dtype: 'float32', shape: [49], data: Float32Array.from(SPECIAL.flatMap((y) => SPECIAL.map(() => y))) },
        { dtype: 'float32', shape: [49], data: Float32Array.from(SPECIAL.flatMap(() => SPECIAL)) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
});
