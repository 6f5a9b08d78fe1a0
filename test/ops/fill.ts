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

/** Every element is that of input 1. */
export default {
  op: 'FILL',
  tolerance: unchanged,

  reference({ inputs: [shape, value] }) {
    return [tensorOf(value!.dtype, ints(shape!), () => element(value!, []))];
  },

  cases: [
    { name: 'scalar', inputs: [int32([]), counting([])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'matrix', inputs: [int32([3, 5]), counting([])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 5));
    const value = movable(rng, []);
    return {
      name: `${value.dtype} ${shape}`,
      inputs: [steering(rng, shape), value],
      outputs: [{ dtype: value.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
