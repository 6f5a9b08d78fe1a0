import { type DType, typedArrayOf } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function caseOf(rng: Rng, dtype: DType, shape: readonly number[], k: number, index: DType = 'int32'): OpCase {
  const quantization = /int8|int16/.test(dtype) ? rng.quantization(dtype) : undefined;
  const x = rng.tensor(dtype, shape, { quantization });
  // Few different values, so that there are ties; some NaN.
  const { data } = x;
  if (rng.bool() && !(data instanceof BigInt64Array))
    for (let i = 0; i < data!.length; i++) data![i] = Number(data![i]) & 7;
  if (dtype === 'float32' && rng.bool(0.3)) for (let i = 0; i < data!.length; i++) if (rng.bool(0.2)) data![i] = NaN;
  return {
    name: `${dtype} [${shape}] k ${k}, ${index}`,
    // k is of either type, whatever the indices are.
    inputs: [
      x,
      rng.bool()
        ? { dtype: 'int32', shape: [], data: Int32Array.of(k), constant: rng.bool() }
        : { dtype: 'int16', shape: [1], data: Int16Array.of(k), constant: rng.bool() },
    ],
    outputs: [
      { dtype, shape: [], quantization },
      { dtype: index, shape: [] },
    ],
  };
}

const DTYPES: readonly DType[] = ['float32', 'int32', 'int64', 'int16', 'int8', 'uint8'];
const rng = new Rng(17);

export default {
  op: 'TOPK_V2',
  reference({ inputs, outputs }) {
    const x = inputs[0]!;
    const n = x.shape.at(-1)!;
    const k = Number(inputs[1]!.data[0]);
    const shape = [...x.shape.slice(0, -1), k];
    const rows = x.data.length / n;
    const values = new (typedArrayOf(x.dtype))(rows * k);
    const indices = new (typedArrayOf(outputs[1]!.dtype))(rows * k);
    for (let row = 0; row < rows; row++) {
      const elements = Array.from({ length: n }, (_, i) => ({ i, v: Number(x.data[row * n + i]!) }));
      const rank = (v: number) => (Number.isNaN(v) ? Number.NEGATIVE_INFINITY : v);
      // The sort is stable: the first of equal elements stays first.
      elements.sort((a, b) => (rank(b.v) > rank(a.v) ? 1 : rank(b.v) < rank(a.v) ? -1 : 0));
      elements.slice(0, k).forEach(({ i }, j) => {
        values[row * k + j] = x.data[row * n + i]!;
        indices[row * k + j] = i;
      });
    }
    return [
      { shape, data: values },
      { shape, data: indices },
    ];
  },
  cases: DTYPES.flatMap((d) => [
    caseOf(rng, d, [3, 7], 3),
    caseOf(rng, d, [2, 2, 9], 1),
    caseOf(rng, d, [17], 17),
    caseOf(rng, d, [5, 91], 2),
    caseOf(rng, d, [2, 4], 0),
    caseOf(rng, d, [3, 21], 5, 'int16'),
  ]),
  random(rng) {
    const n = rng.dim();
    return caseOf(rng, rng.pick(DTYPES), [rng.int(1, 3), n], rng.int(1, n), rng.pick(['int32', 'int16']));
  },
} satisfies OpSpec;
