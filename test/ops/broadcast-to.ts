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

/** Dimensions aligned at the end; one of 1 (or a missing one) is read at 0 always. */
export default {
  op: 'BROADCAST_TO',
  tolerance: unchanged,

  reference({ inputs: [x, shapeTensor] }) {
    const shape = ints(shapeTensor!);
    const added = shape.length - x!.shape.length;
    return [
      tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          x!.shape.map((n, d) => (n === 1 ? 0 : index[added + d]!)),
        ),
      ),
    ];
  },

  cases: [
    { name: 'scalar', inputs: [counting([]), int32([2, 3])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'column', inputs: [counting([3, 1]), int32([3, 40])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const to = smallShape(rng, rng.int(0, 6));
    const shape = to.slice(rng.int(0, to.length)).map((n) => (rng.bool() ? 1 : n));
    const x = movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} to ${to}`,
      inputs: [x, steering(rng, to)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
