import { int32, smallShape, unchanged } from '../support/moving.js';
import { COMBINABLE, filled, scatterSlices } from '../support/scatter.js';
import type { OpSpec } from '../support/spec.js';

/** y is zero; y[indices[i…, :], …] += updates[i…, …]. */
export default {
  op: 'SCATTER_ND',
  tolerance: unchanged,

  reference({ inputs: [indices, updates, shape] }) {
    const y = filled(updates!.dtype, Array.from(shape!.data, Number), 0);
    scatterSlices(y, updates!, indices!, indices!.shape.at(-1)!, 'add');
    return [y];
  },

  cases: [
    {
      name: 'elements, one of them twice',
      inputs: [int32([4, 1, 4], [3, 1]), { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) }, int32([8])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'everything, several times',
      inputs: [
        int32([], [2, 0]),
        { dtype: 'uint8', shape: [2, 3], data: Uint8Array.of(1, 2, 200, 4, 5, 60) },
        int32([3]),
      ],
      outputs: [{ dtype: 'uint8', shape: [] }],
    },
    {
      name: 'nothing',
      inputs: [int32([], [0, 1]), { dtype: 'int32', shape: [0, 2], data: new Int32Array(0) }, int32([3, 2])],
      outputs: [{ dtype: 'int32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 4)).map((n) => Math.max(n, 1));
    const depth = rng.int(1, shape.length);
    const outer = smallShape(rng, rng.int(depth === shape.length ? 1 : 0, 2));
    const points = outer.reduce((a, b) => a * b, 1);
    const indices = Array.from({ length: points * depth }, (_, i) => rng.int(0, shape[i % depth]! - 1));
    const dtype = rng.pick(COMBINABLE);
    const updates = rng.tensor(dtype, [...outer, ...shape.slice(depth)]);
    return {
      name: `${dtype} ${updates.shape} to ${shape} by ${[...outer, depth]}`,
      inputs: [
        { ...int32(indices, [...outer, depth]), constant: false },
        updates,
        { ...int32(shape), constant: rng.bool() },
      ],
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
