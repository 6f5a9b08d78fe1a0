import { type DType, typedArrayOf } from '../../bindings/dtype.js';
import { unchanged } from '../support/moving.js';
import type { OpCase, OpSpec, TensorSpec } from '../support/spec.js';

const DTYPES = ['float32', 'int32', 'int64'] as const;

/** @param declared type of the output, which does not count */
function caseOf(dtype: DType, limits: readonly number[], constant: boolean, declared = dtype): OpCase {
  const inputs = limits.map((v): TensorSpec => {
    const data = new (typedArrayOf(dtype))(1);
    data[0] = dtype === 'int64' ? BigInt(v) : v;
    return { dtype, shape: [], data, constant };
  });
  return { name: `${dtype} ${limits}, ${constant}`, inputs, outputs: [{ dtype: declared, shape: [] }] };
}

/** start, start + delta, … as long as limit is not reached; floats are added up. */
export default {
  op: 'RANGE',
  tolerance: unchanged,

  reference({ inputs }) {
    const [start, limit, delta] = inputs.map((x) => Number(x!.data[0]));
    const { dtype } = inputs[0]!;
    // As many floats as the rounded quotient says.
    const quotient = (dtype === 'float32' ? Math.fround(limit! - start!) : limit! - start!) / delta!;
    const n = Math.ceil(Math.abs(dtype === 'float32' ? Math.fround(quotient) : quotient));
    const data = new (typedArrayOf(dtype))(n);
    let value = start!;
    for (let i = 0; i < n; i++) {
      data[i] = dtype === 'int64' ? BigInt(value) : value;
      value = dtype === 'float32' ? Math.fround(value + delta!) : value + delta!;
    }
    return [{ shape: [n], data }];
  },

  cases: [
    ...DTYPES.flatMap((dtype) =>
      [true, false].flatMap((constant) => [
        caseOf(dtype, [0, 10, 3], constant),
        caseOf(dtype, [5, -4, -2], constant),
        caseOf(dtype, [2, 2, 1], constant),
      ]),
    ),
    caseOf('float32', [1, 2, 0.1], false),
  ],

  random(rng) {
    const dtype = rng.pick(DTYPES);
    const [start, length] = [rng.int(-50, 50), rng.int(0, 40)];
    const sign = rng.bool() ? 1 : -1;
    const step = dtype === 'float32' ? rng.uniform(0.1, 3) : rng.int(1, 7);
    return caseOf(dtype, [start, start + sign * length, sign * step], rng.bool(), rng.pick(DTYPES));
  },
} satisfies OpSpec as OpSpec;
