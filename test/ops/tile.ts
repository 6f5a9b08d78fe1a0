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

/** y[index] = x[index mod shape]. */
export default {
  op: 'TILE',
  tolerance: unchanged,

  reference({ inputs: [x, multiples] }) {
    const times = ints(multiples!);
    const shape = x!.shape.map((n, d) => n * times[d]!);
    return [
      tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          index.map((i, d) => i % x!.shape[d]!),
        ),
      ),
    ];
  },

  cases: [
    { name: 'both', inputs: [counting([2, 3]), int32([2, 3])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'none', inputs: [counting([2, 3]), int32([1, 0])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 5));
    const times = shape.map(() => rng.pick([0, 1, 1, 1, 1, 2, 3]));
    const x = movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} by ${times}`,
      inputs: [x, steering(rng, times)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
