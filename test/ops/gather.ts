import {
  counting,
  element,
  inPairs,
  int32,
  ints,
  movable,
  smallShape,
  tensorOf,
  unchanged,
} from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[batch…, outer…, i…, inner…] = x[batch…, outer…, indices[batch…, i…], inner…]. */
export default {
  op: 'GATHER',
  tolerance: unchanged,

  reference({ inputs: [x, indices], options }) {
    const rank = x!.shape.length;
    const axis = (options.axis + rank) % rank;
    const batchDims = options.batchDims;
    const count = indices!.shape.length - batchDims;
    const chosen = ints(indices!);
    const at = (index: readonly number[]) => chosen[indices!.shape.reduce((p, n, d) => p * n + index[d]!, 0)]!;
    return [
      inPairs([x!], (x) => {
        const shape = [...x.shape.slice(0, axis), ...indices!.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
        return tensorOf(x.dtype, shape, (index) => {
          const i = at([...index.slice(0, batchDims), ...index.slice(axis, axis + count)]);
          return element(x, [...index.slice(0, axis), i, ...index.slice(axis + count)]);
        });
      }),
    ];
  },

  cases: [
    {
      name: 'one row',
      options: { axis: 0, batchDims: 0 },
      inputs: [counting([3, 4]), int32([2], [])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'rows of int4',
      options: { axis: 0, batchDims: 0 },
      inputs: [{ dtype: 'int4', shape: [3, 6], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 255) }, int32([2, 0, 2])],
      outputs: [{ dtype: 'int4', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 4)).map((n) => Math.max(n, 1));
    const axis = rng.int(0, shape.length - 1);
    const batchDims = rng.int(0, axis);
    const dims = [...shape.slice(0, batchDims), ...smallShape(rng, rng.int(0, 2))];
    const dtype = rng.pick(['int16', 'int32', 'int64'] as const);
    const indices = rng.tensor(dtype, dims, { constant: rng.bool() });
    for (let i = 0; i < indices.data!.length; i++) {
      const index = rng.int(0, shape[axis]! - 1);
      indices.data![i] = dtype === 'int64' ? BigInt(index) : index;
    }
    const x = movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} at ${axis} by ${dims}, ${batchDims} batch dimensions`,
      options: { axis: rng.bool() ? axis : axis - shape.length, batchDims },
      inputs: [x, indices],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
