import { counting, element, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y_i[…] = x[…, i, …] with i at the axis. */
export default {
  op: 'UNPACK',
  tolerance: unchanged,

  reference({ inputs: [x], options }) {
    const rank = x!.shape.length;
    const axis = (options.axis + rank) % rank;
    const shape = x!.shape.filter((_, d) => d !== axis);
    return Array.from({ length: x!.shape[axis]! }, (_, i) =>
      tensorOf(x!.dtype, shape, (index) => element(x!, [...index.slice(0, axis), i, ...index.slice(axis)])),
    );
  },

  cases: [
    {
      name: 'to scalars',
      options: { axis: 0, num: 2 },
      inputs: [counting([2])],
      outputs: [
        { dtype: 'float32', shape: [] },
        { dtype: 'float32', shape: [] },
      ],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 5)).map((n) => Math.max(n, 1));
    const axis = rng.int(-shape.length, shape.length - 1);
    const num = shape.at(axis)!;
    const x = movable(rng, shape);
    const outputs = Array.from({ length: num }, () => ({ dtype: x.dtype, shape: [] }));
    return { name: `${shape} at ${axis}`, options: { axis, num }, inputs: [x], outputs };
  },
} satisfies OpSpec as OpSpec;
