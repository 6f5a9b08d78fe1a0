import { counting, movable, smallShape, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** Without the dimensions named, or without all that are 1. */
export default {
  op: 'SQUEEZE',
  tolerance: unchanged,

  reference({ inputs: [x], options }) {
    const rank = x!.shape.length;
    const named: number[] = options.squeezeDims.map((d: number) => (d + rank) % rank);
    const shape = x!.shape.filter((n, d) => (named.length > 0 ? !named.includes(d) : n !== 1));
    return [{ shape, data: x!.data }];
  },

  cases: [
    {
      name: 'all to scalar',
      inputs: [counting([1, 1])],
      options: { squeezeDims: [] },
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'negative',
      inputs: [counting([1, 3, 1])],
      options: { squeezeDims: [-1] },
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 6));
    const ones = shape.flatMap((n, d) => (n === 1 ? [d] : []));
    const squeezeDims = ones.filter(() => rng.bool());
    const x = movable(rng, shape);
    return { name: `${shape}`, options: { squeezeDims }, inputs: [x], outputs: [{ dtype: x.dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
