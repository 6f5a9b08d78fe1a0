import { counting, ints, smallShape } from '../support/moving.js';
import { FUNCTIONS, REDUCED, reducible, slideOver } from '../support/reduce-window.js';
import type { OpSpec, TensorSpec } from '../support/spec.js';

const long = (values: readonly number[]): TensorSpec => ({
  dtype: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
  constant: true,
});

/** Windows over x, each folded with the initial value in input 1. */
export default {
  op: 'REDUCE_WINDOW',

  reference({ inputs: [x, init, window, strides, dilations], options }) {
    return [slideOver(x!, init!, options.reduceFunction, ints(window!), ints(strides!), ints(dilations!))];
  },

  cases: [
    ...FUNCTIONS.map((reduceFunction) => ({
      name: `images, ${reduceFunction}`,
      options: { reduceFunction },
      inputs: [
        counting([2, 5, 7, 19]),
        { dtype: 'float32', shape: [], data: Float32Array.of(1) } as const,
        ...[
          [1, 2, 3, 1],
          [1, 2, 2, 1],
          [1, 1, 2, 1],
        ].map(long),
      ],
      outputs: [{ dtype: 'float32', shape: [] } as const],
    })),
    {
      name: 'a window beyond the input',
      options: { reduceFunction: 'ADD' },
      inputs: [
        counting([3, 4]),
        { dtype: 'float32', shape: [], data: Float32Array.of(1) },
        ...[
          [2, 2],
          [1, 1],
          [3, 1],
        ].map(long),
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const rank = rng.int(1, 6);
    const dtype = rng.pick(REDUCED);
    const shape = smallShape(rng, rank);
    const some = (most: number) => shape.map(() => (rng.bool() ? 1 : rng.int(1, most)));
    const [window, strides, dilations] = [some(3), some(3), some(2)];
    const reduceFunction = rng.pick(FUNCTIONS);
    return {
      name: `${dtype} ${shape} ${reduceFunction} window ${window} stride ${strides} dilation ${dilations}`,
      options: { reduceFunction },
      inputs: [reducible(rng, dtype, shape), rng.tensor(dtype, []), ...[window, strides, dilations].map(long)],
      outputs: [{ dtype, shape: [] }],
    };
  },

  tolerance: () => ({ rtol: 0, atol: 0, lsb: 0 }),
} satisfies OpSpec as OpSpec;
