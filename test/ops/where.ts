import type { DType } from '../../bindings/dtype.js';
import { smallShape } from '../support/moving.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const DTYPES: readonly DType[] = ['bool', 'float32', 'int64', 'int32', 'int8', 'uint8', 'uint32'];

function caseOf(rng: Rng, dtype: DType, shape: readonly number[]): OpCase {
  const data = rng.data(dtype, shape);
  data.forEach((_, i) => {
    if (rng.bool()) data[i] = data instanceof BigInt64Array ? 0n : 0;
  });
  return {
    name: `${dtype} [${shape}]`,
    inputs: [{ dtype, shape, data }],
    outputs: [{ dtype: 'int64', shape: [] }],
  };
}

const rng = new Rng(5);

export default {
  op: 'WHERE',
  reference({ inputs: [x] }) {
    const { shape, data } = x!;
    const found: number[][] = [];
    const visit = (index: number[], i: number) => {
      if (index.length < shape.length) {
        for (let k = 0; k < shape[index.length]!; k++) visit([...index, k], i * shape[index.length]! + k);
      } else if (Number(data[i]) !== 0) {
        found.push(index);
      }
    };
    visit([], 0);
    return [{ shape: [found.length, shape.length], data: BigInt64Array.from(found.flat().map(BigInt)) }];
  },
  cases: [
    ...DTYPES.map((dtype) => caseOf(rng, dtype, [3, 5])),
    caseOf(rng, 'bool', [2, 0, 3]),
    ...[0, 1].map((x) => ({
      ...caseOf(rng, 'bool', []),
      inputs: [{ dtype: 'bool' as const, shape: [], data: Uint8Array.of(x) }],
    })),
    { ...caseOf(rng, 'bool', [7]), inputs: [{ dtype: 'bool', shape: [7], data: new Uint8Array(7) }] },
    {
      name: 'NaN and both zeros',
      inputs: [{ dtype: 'float32', shape: [4], data: Float32Array.of(NaN, 0, -0, Infinity) }],
      outputs: [{ dtype: 'int64', shape: [] }],
    },
  ],
  random: (rng) => caseOf(rng, rng.pick(DTYPES), smallShape(rng, rng.int(1, 5))),
} satisfies OpSpec as OpSpec;
