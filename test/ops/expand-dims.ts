import { counting, int32, ints, movable, smallShape, steering, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** A dimension of 1 before `axis`, which counts from the end if negative. */
export default {
  op: 'EXPAND_DIMS',
  tolerance: unchanged,

  reference({ inputs: [x, axis] }) {
    const [a] = ints(axis!) as [number];
    const shape = [...x!.shape];
    shape.splice(a < 0 ? a + shape.length + 1 : a, 0, 1);
    return [{ shape, data: x!.data }];
  },

  cases: [
    { name: 'last', inputs: [counting([2, 3]), int32([-1], [])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'scalar', inputs: [counting([]), int32([0])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 6));
    const axis = rng.int(-shape.length - 1, shape.length);
    const x = movable(rng, shape);
    return {
      name: `${shape} at ${axis}`,
      inputs: [x, steering(rng, [axis], rng.pick([[], [1]]))],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
