import { counting, int32, movable, unchanged } from '../support/moving.js';
import { padReference, randomPad } from '../support/pad.js';
import type { OpSpec } from '../support/spec.js';

export default {
  op: 'PADV2',
  tolerance: unchanged,
  reference: padReference,

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
    {
      name: 'an omitted value',
      inputs: [counting([2, 3]), int32([1, 0, 2, 1], [2, 2]), null],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random: (rng) => randomPad(rng, 20, rng.bool(0.9), (shape) => movable(rng, shape)),
} satisfies OpSpec as OpSpec;
