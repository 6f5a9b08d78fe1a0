import { counting, element, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[…, i, j] = i == j ? diagonal[…, i] : x[…, i, j]. */
export default {
  op: 'MATRIX_SET_DIAG',
  tolerance: unchanged,

  reference({ inputs: [x, diagonal] }) {
    return [
      tensorOf(x!.dtype, x!.shape, (index) => {
        const [i, j] = index.slice(-2);
        if (i !== j) return element(x!, index);
        // TFLite looks at no dimension of the diagonals.
        const [rows, columns] = x!.shape.slice(-2);
        const flat = { ...diagonal!, shape: [...x!.shape.slice(0, -2), Math.min(rows!, columns!)] };
        return element(flat, index.slice(0, -1));
      }),
    ];
  },

  cases: [
    { name: 'tall', inputs: [counting([5, 2]), counting([2])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'empty', inputs: [counting([3, 0]), counting([0])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const x = movable(rng, smallShape(rng, rng.int(2, 4)));
    const [rows, columns] = x.shape.slice(-2);
    const diagonal = rng.tensor(x.dtype, [...x.shape.slice(0, -2), Math.min(rows!, columns!)]);
    return { name: `${x.dtype} ${x.shape}`, inputs: [x, diagonal], outputs: [{ dtype: x.dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
