import { element, int32, ints, MOVABLE, smallShape, steering, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** On where the position at the new axis is the index, off elsewhere; indices out of range are off everywhere. */
export default {
  op: 'ONE_HOT',
  tolerance: unchanged,

  reference({ inputs: [indices, depth, on, off], options, outputs: [y] }) {
    const axis = options.axis === -1 ? indices!.shape.length : options.axis;
    const shape = [...indices!.shape];
    shape.splice(axis, 0, ints(depth!)[0]!);
    const all = ints(indices!);
    return [
      tensorOf(y!.dtype, shape, (index) => {
        const rest = index.filter((_, d) => d !== axis);
        const i = all[indices!.shape.reduce((p, n, d) => p * n + rest[d]!, 0)];
        return element(index[axis] === i ? on! : off!, []);
      }),
    ];
  },

  cases: [
    {
      name: 'rows',
      options: { axis: -1 },
      inputs: [
        int32([2, -1, 0, 3]),
        int32([3], []),
        { dtype: 'float32', shape: [], data: Float32Array.of(1), constant: true },
        { dtype: 'float32', shape: [], data: Float32Array.of(0), constant: true },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 3));
    const depth = rng.int(0, 5);
    const n = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: n }, () => rng.int(-1, depth));
    const dtype = rng.pick(MOVABLE);
    const [on, off] = [rng.tensor(dtype, []), rng.tensor(dtype, [])];
    return {
      name: `${dtype} ${shape} of ${depth}`,
      options: { axis: rng.int(-1, shape.length) },
      inputs: [steering(rng, values, shape), steering(rng, [depth], []), on, off],
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
