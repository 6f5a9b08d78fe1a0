import { binarySpec, FIRST_WHERE_NAN, NUMBERS } from '../support/elementwise.js';

export default binarySpec({
  op: 'STABLEHLO_MINIMUM',
  dtypes: NUMBERS,
  sameShape: true,
  // biome-ignore lint/complexity/useMathMinMax: NaN differs
  f: (a, b) => (b < a ? b : a),
  integer(a, b) {
    if (b < a) return b;
    return a;
  },
  cases: [FIRST_WHERE_NAN],
});
