import { counting, movable, smallShape, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** The dimensions of the input. */
export default {
  op: 'SHAPE',
  tolerance: unchanged,

  reference({ inputs: [x], options }) {
    const numbers = x!.shape;
    const wide = options.outType === 'INT64';
    return [
      {
        shape: [numbers.length],
        data: wide ? BigInt64Array.from(numbers, BigInt) : Int32Array.from(numbers),
      },
    ];
  },

  cases: [
    { name: 'scalar', options: { outType: 'INT32' }, inputs: [counting([])], outputs: [{ dtype: 'int32', shape: [] }] },
    {
      name: 'empty',
      options: { outType: 'INT64' },
      inputs: [counting([3, 0])],
      outputs: [{ dtype: 'int32', shape: [] }],
    },
  ],

  random(rng) {
    const x = movable(rng, smallShape(rng, rng.int(0, 7)));
    const to = rng.pick(['INT32', 'INT64']);
    // What the file says does not count.
    const dtype = rng.pick(['int32', 'int64', 'float32'] as const);
    return { name: `${x.shape} to ${to}`, options: { outType: to }, inputs: [x], outputs: [{ dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
