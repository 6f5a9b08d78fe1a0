import {
  counting,
  element,
  int32,
  ints,
  movable,
  smallShape,
  steering,
  tensorOf,
  unchanged,
} from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** x in the midst of the value of input 2. */
export default {
  op: 'PADV2',
  tolerance: unchanged,

  reference({ inputs: [x, pads, value] }) {
    const p = ints(pads!);
    const shape = x!.shape.map((n, d) => p[2 * d]! + n + p[2 * d + 1]!);
    return [
      tensorOf(x!.dtype, shape, (index) => {
        const inside = index.map((i, d) => i - p[2 * d]!);
        const isInside = inside.every((i, d) => i >= 0 && i < x!.shape[d]!);
        return isInside ? element(x!, inside) : element({ ...value!, shape: [] }, []);
      }),
    ];
  },

  cases: [
    {
      name: 'value',
      inputs: [
        counting([2, 3]),
        int32([1, 0, 2, 1], [2, 2]),
        { dtype: 'float32', shape: [1], data: Float32Array.of(-7), constant: true },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const rank = rng.int(0, 5);
    const shape = smallShape(rng, rank);
    const pads = Array.from({ length: 2 * rank }, () => (rng.bool() ? 0 : rng.int(0, 20)));
    if (rank > 2) pads.fill(1, 4);
    const x = movable(rng, shape);
    const value = rng.tensor(x.dtype, rng.pick([[], [1]]), { constant: rng.bool() });
    return {
      name: `${x.dtype} ${shape} by ${pads}`,
      inputs: [x, steering(rng, pads, [rank, 2]), value],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
