import { type DType, elementCount, typedArrayOf } from '../../bindings/dtype.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function caseOf(
  rng: Rng,
  dtype: DType,
  shape: readonly number[],
  axis: number,
  exclusive: boolean,
  reverse: boolean,
): OpCase {
  return {
    name: `${dtype} [${shape}] axis ${axis}${exclusive ? ' exclusive' : ''}${reverse ? ' reverse' : ''}`,
    options: { exclusive, reverse },
    inputs: [rng.tensor(dtype, shape), { dtype: 'int32', shape: [], data: Int32Array.of(axis), constant: true }],
    outputs: [{ dtype, shape: [] }],
  };
}

const DTYPES: readonly DType[] = ['float32', 'int32', 'int64'];
const rng = new Rng(16);

export default {
  op: 'CUMSUM',
  reference({ options, inputs }) {
    const x = inputs[0]!;
    const axis = (Number(inputs[1]!.data[0]) + x.shape.length) % x.shape.length;
    const n = x.shape[axis]!;
    const inner = elementCount(x.shape.slice(axis + 1));
    const data = new (typedArrayOf(x.dtype))(x.data.length);
    for (let i = 0; i < data.length; i++) {
      const r = Math.floor(i / inner) % n;
      let sum: number | bigint = x.dtype === 'int64' ? 0n : 0;
      for (let k = 0; k < n; k++) {
        const counts = options.reverse ? k >= r : k <= r;
        if (!counts || (options.exclusive && k === r)) continue;
        const v = x.data[i + (k - r) * inner]!;
        sum = typeof v === 'bigint' ? (sum as bigint) + v : (sum as number) + v;
      }
      data[i] = sum;
    }
    return [{ shape: x.shape, data }];
  },
  cases: DTYPES.flatMap((d) => [
    caseOf(rng, d, [33], 0, false, false),
    caseOf(rng, d, [2, 3, 4], -2, true, true),
    caseOf(rng, d, [2, 5], 1, false, true),
    caseOf(rng, d, [4, 3], 0, true, false),
  ]),
  random(rng) {
    const shape = Array.from({ length: rng.int(1, 4) }, () => rng.int(1, 6));
    return caseOf(rng, rng.pick(DTYPES), shape, rng.int(-shape.length, shape.length - 1), rng.bool(), rng.bool());
  },
  tolerance: () => ({ rtol: 1e-5, atol: 1e-5 }),
} satisfies OpSpec;
