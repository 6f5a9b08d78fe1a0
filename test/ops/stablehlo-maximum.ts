import { binarySpec, FIRST_WHERE_NAN, NUMBERS } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_MAXIMUM',
  dtypes: NUMBERS,
  sameShape: true,
  // biome-ignore lint/complexity/useMathMinMax: NaN differs
  f: (a, b) => (a < b ? b : a),
  integer(a, b) {
    if (a < b) return b;
    return a;
  },
  cases: [FIRST_WHERE_NAN],
});
