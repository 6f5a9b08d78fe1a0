import { counting, element, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[…, i, j] = i == j ? x[…, i] : 0. */
export default {
  op: 'MATRIX_DIAG',
  tolerance: unchanged,

  reference({ inputs: [x] }) {
    const zero = x!.data instanceof BigInt64Array || x!.data instanceof BigUint64Array ? 0n : 0;
    const shape = [...x!.shape, x!.shape.at(-1)!];
    return [
      tensorOf(x!.dtype, shape, (index) => {
        const [i, j] = index.slice(-2);
        return i === j ? element(x!, index.slice(0, -1)) : x!.dtype === 'complex64' ? [0, 0] : [zero];
      }),
    ];
  },

  cases: [{ name: 'empty', inputs: [counting([2, 0])], outputs: [{ dtype: 'float32', shape: [] }] }],

  random(rng) {
    const x = movable(rng, smallShape(rng, rng.int(1, 4)));
    return { name: `${x.dtype} ${x.shape}`, inputs: [x], outputs: [{ dtype: x.dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
