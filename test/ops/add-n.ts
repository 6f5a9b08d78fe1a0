import type { DType } from '../../bindings/dtype.js';
import { smallShape } from '../support/moving.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const { fround } = Math;

function caseOf(rng: Rng, dtype: DType, shape: readonly number[], n: number): OpCase {
  return {
    name: `${n} of ${dtype} [${shape}]`,
    inputs: Array.from({ length: n }, () => rng.tensor(dtype, shape)),
    outputs: [{ dtype, shape: [] }],
  };
}

const rng = new Rng(5);

export default {
  op: 'ADD_N',
  reference({ inputs: [first, ...others] }) {
    const data = first!.data.slice() as Float32Array;
    for (const x of others) {
      for (let i = 0; i < data.length; i++) {
        const sum = data[i]! + (x!.data[i] as number);
        data[i] = first!.dtype === 'int32' ? sum | 0 : fround(sum);
      }
    }
    return [{ shape: first!.shape, data }];
  },
  cases: [
    caseOf(rng, 'float32', [3, 17], 2),
    caseOf(rng, 'float32', [], 3),
    caseOf(rng, 'int32', [2, 0, 3], 4),
    {
      name: 'int32 that overflow',
      inputs: Array.from({ length: 3 }, () => ({
        dtype: 'int32',
        shape: [2],
        data: Int32Array.of(2 ** 31 - 1, -(2 ** 31)),
      })),
      outputs: [{ dtype: 'int32', shape: [] }],
    },
  ],
  random: (rng) => caseOf(rng, rng.pick(['float32', 'int32']), smallShape(rng, rng.int(0, 4)), rng.int(2, 6)),
} satisfies OpSpec as OpSpec;
