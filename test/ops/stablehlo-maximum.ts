import { binarySpec } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_MAXIMUM',
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
  // biome-ignore lint/complexity/useMathMinMax: NaN differs
  f: (a, b) => (a < b ? b : a),
  integer(a, b) {
    if (a < b) return b;
    return a;
  },
  cases: [
    {
      name: 'the first where one is NaN',
      inputs: [
        { dtype: 'float32', shape: [4], data: Float32Array.of(NaN, 1, NaN, -Infinity) },
        { dtype: 'float32', shape: [4], data: Float32Array.of(1, NaN, Infinity, 1) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
});
