import { counting, element, int32, ints, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[i…, inner…] = x[indices[i…, 0], …, indices[i…, depth - 1], inner…]. */
export default {
  op: 'GATHER_ND',
  tolerance: unchanged,

  reference({ inputs: [x, indices] }) {
    const outer = indices!.shape.slice(0, -1);
    const depth = indices!.shape.at(-1)!;
    const all = ints(indices!);
    const shape = [...outer, ...x!.shape.slice(depth)];
    return [
      tensorOf(x!.dtype, shape, (index) => {
        const first = outer.reduce((p, n, d) => p * n + index[d]!, 0) * depth;
        return element(x!, [...all.slice(first, first + depth), ...index.slice(outer.length)]);
      }),
    ];
  },

  cases: [
    {
      name: 'elements',
      inputs: [counting([3, 4]), int32([2, 1, 0, 3], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    { name: 'everything', inputs: [counting([3, 4]), int32([], [2, 0])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 5)).map((n) => Math.max(n, 1));
    const depth = rng.int(1, shape.length);
    const dims = [...smallShape(rng, rng.int(0, 2)), depth];
    const dtype = rng.pick(['int16', 'int32', 'int64'] as const);
    const indices = rng.tensor(dtype, dims, { constant: rng.bool() });
    for (let i = 0; i < indices.data!.length; i++) {
      const index = rng.int(0, shape[i % depth]! - 1);
      indices.data![i] = dtype === 'int64' ? BigInt(index) : index;
    }
    const x = movable(rng, shape);
    return { name: `${x.dtype} ${shape} by ${dims}`, inputs: [x, indices], outputs: [{ dtype: x.dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
