import { spread } from '../support/interior-pad.js';
import { counting, int32, ints, movable, smallShape, steering, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** Neighbours come to lie `dilations` apart; the value of input 2 is between them. */
export default {
  op: 'DILATE',
  tolerance: unchanged,

  reference({ inputs: [x, dilations, value] }) {
    const none = x!.shape.map(() => 0);
    return [
      spread(
        x!,
        value!,
        none,
        none,
        ints(dilations!).map((d) => d - 1),
      ),
    ];
  },

  cases: [
    {
      name: 'rows and columns',
      inputs: [
        counting([3, 4]),
        int32([2, 3]),
        { dtype: 'float32', shape: [], data: Float32Array.of(-1), constant: true },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const rank = rng.int(1, 6);
    const shape = smallShape(rng, rank);
    const x = movable(rng, shape);
    const dilations = shape.map(() => (rng.bool() ? 1 : rng.int(1, 3)));
    const steer = steering(rng, dilations);
    return {
      name: `${x.dtype} ${shape} by ${dilations}`,
      inputs: [x, steer, rng.tensor(x.dtype, rng.pick([[], [1]]), { constant: rng.bool() })],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
