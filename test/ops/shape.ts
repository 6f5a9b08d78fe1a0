import { counting, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** The dimensions of the input. */
export default {
  op: 'SHAPE',
  tolerance: unchanged,

  reference({ inputs: [x], outputs: [y] }) {
    const numbers = x!.shape;
    return [
      tensorOf(y!.dtype, [x!.shape.length], ([i = 0]) => [y!.dtype === 'int64' ? BigInt(numbers[i]!) : numbers[i]!]),
    ];
  },

  cases: [
    { name: 'scalar', inputs: [counting([])], outputs: [{ dtype: 'int32', shape: [] }] },
    { name: 'empty', inputs: [counting([3, 0])], outputs: [{ dtype: 'int32', shape: [] }] },
  ],

  random(rng) {
    const x = movable(rng, smallShape(rng, rng.int(0, 7)));
    return { name: `${x.shape}`, inputs: [x], outputs: [{ dtype: rng.pick(['int32', 'int64'] as const), shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
