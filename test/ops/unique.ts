import { type DType, typedArrayOf } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const DTYPES: readonly DType[] = ['float32', 'int8', 'int16', 'int32', 'int64', 'uint8'];

function caseOf(rng: Rng, dtype: DType, indices: DType, n: number): OpCase {
  const data = new (typedArrayOf(dtype))(n);
  for (let i = 0; i < n; i++) data[i] = dtype === 'int64' ? BigInt(rng.int(-4, 4)) : rng.int(-4, 4);
  return {
    name: `${dtype} [${n}], ${indices}`,
    options: { idxOutType: indices.toUpperCase() },
    inputs: [{ dtype, shape: [n], data }],
    outputs: [
      { dtype, shape: [] },
      { dtype: indices, shape: [] },
    ],
  };
}

const rng = new Rng(5);

export default {
  op: 'UNIQUE',
  tolerance: () => ({ rtol: 0, atol: 0, lsb: 0 }),
  reference({ inputs: [x], outputs }) {
    const elements = Array.from(x!.data as Float32Array);
    const values: number[] = [];
    const numbers = elements.map((element) => {
      if (!values.includes(element)) values.push(element);
      return values.indexOf(element);
    });
    const data = new (typedArrayOf(x!.dtype))(values.length);
    data.set(values as never);
    const indices = outputs[1]!.dtype === 'int64' ? BigInt64Array.from(numbers.map(BigInt)) : Int32Array.from(numbers);
    return [
      { shape: [values.length], data },
      { shape: x!.shape, data: indices },
    ];
  },
  cases: [
    ...DTYPES.flatMap((dtype) => [caseOf(rng, dtype, 'int32', 11), caseOf(rng, dtype, 'int64', 5)]),
    caseOf(rng, 'float32', 'int32', 0),
  ],
  random: (rng) => caseOf(rng, rng.pick(DTYPES), rng.pick(['int32', 'int64']), rng.int(0, 40)),
} satisfies OpSpec as OpSpec;
