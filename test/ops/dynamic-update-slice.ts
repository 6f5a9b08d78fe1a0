import {
  counting,
  element,
  inPairs,
  int32,
  ints,
  movable,
  smallShape,
  tensorOf,
  unchanged,
} from '../support/moving.js';
import { randomInts } from '../support/scatter.js';
import type { OpSpec } from '../support/spec.js';

/** y is x, with the update from the nearest position to `start` at which it is inside. */
export default {
  op: 'DYNAMIC_UPDATE_SLICE',
  tolerance: unchanged,

  reference({ inputs: [x, update, start] }) {
    const all = ints(start!);
    return [
      inPairs([x!, update!], (...[x, update]) => {
        const { shape } = x!;
        const from = all.map((s, d) => Math.max(0, Math.min(s, shape[d]! - update!.shape[d]!)));
        return tensorOf(x!.dtype, shape, (index) => {
          const at = index.map((i, d) => i - from[d]!);
          const inside = at.every((i, d) => i >= 0 && i < update!.shape[d]!);
          return inside ? element(update!, at) : element(x!, index);
        });
      }),
    ];
  },

  cases: [
    {
      name: 'below the first row and beyond the last column',
      inputs: [counting([4, 5]), counting([2, 3]), { ...int32([-7, 9]), constant: false }],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'rows of int4',
      inputs: [
        { dtype: 'int4', shape: [3, 4], data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
        { dtype: 'int4', shape: [1, 4], data: Uint8Array.of(98, 99) },
        { ...int32([1, 0]), constant: false },
      ],
      outputs: [{ dtype: 'int4', shape: [] }],
    },
    {
      name: 'nothing',
      inputs: [counting([4, 5]), counting([2, 0]), { ...int32([0, 1]), constant: false }],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const x = movable(rng, smallShape(rng, rng.int(1, 6)));
    const update = rng.tensor(
      x.dtype,
      x.shape.map((n) => rng.int(rng.bool() ? n : 0, n)),
    );
    return {
      name: `${x.dtype} ${update.shape} in ${x.shape}`,
      inputs: [x, update, randomInts(rng, [x.shape.length], -2, Math.max(...x.shape))],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
