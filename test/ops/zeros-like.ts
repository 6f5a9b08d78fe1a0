import { counting, movable, smallShape, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** Zeros in the shape of the input, not zero points. */
export default {
  op: 'ZEROS_LIKE',
  tolerance: unchanged,

  reference({ inputs: [x] }) {
    return [{ shape: x!.shape, data: new (x!.data.constructor as Float32ArrayConstructor)(x!.data.length) }];
  },

  cases: [{ name: 'matrix', inputs: [counting([3, 5])], outputs: [{ dtype: 'float32', shape: [] }] }],

  random(rng) {
    const x = movable(rng, smallShape(rng, rng.int(0, 5)));
    return { name: `${x.dtype} ${x.shape}`, inputs: [x], outputs: [{ dtype: x.dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
