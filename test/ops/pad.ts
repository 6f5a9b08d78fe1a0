import { counting, int32, movable, unchanged } from '../support/moving.js';
import { narrowPaddings, padReference, randomPad } from '../support/pad.js';
import type { OpSpec } from '../support/spec.js';

export default {
  op: 'PAD',
  tolerance: unchanged,
  reference: padReference,

  cases: [
    {
      name: 'both',
      inputs: [counting([2, 3]), int32([1, 0, 2, 1], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'none',
      inputs: [counting([2, 3]), int32([0, 0, 0, 0], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    { name: 'empty', inputs: [counting([0]), int32([2, 1], [1, 2])], outputs: [{ dtype: 'float32', shape: [] }] },
    ...narrowPaddings(counting([2, 3])),
  ],

  random: (rng) =>
    randomPad(rng, 3, rng.bool(0.2), (shape) =>
      rng.bool(0.3) ? rng.tensor('int8', shape, { quantization: rng.quantization('int8') }) : movable(rng, shape),
    ),
} satisfies OpSpec as OpSpec;
