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
  unpacked,
} from '../support/moving.js';
import { PACKED } from '../support/packed.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

/** y[index] = x[begin + index]; a size of -1 reaches to the end. */
export default {
  op: 'SLICE',
  tolerance: unchanged,

  reference({ inputs: [x, beginTensor, sizeTensor] }) {
    const begin = ints(beginTensor!);
    const shape = ints(sizeTensor!).map((n, d) => (n === -1 ? x!.shape[d]! - begin[d]! : n));
    return [
      unpacked(x!, (x) =>
        tensorOf(x.dtype, shape, (index) =>
          element(
            x,
            index.map((i, d) => begin[d]! + i),
          ),
        ),
      ),
    ];
  },

  cases: [
    {
      name: 'box',
      inputs: [counting([4, 5]), int32([1, 2]), int32([2, -1])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'rows',
      inputs: [counting([4, 5]), int32([1, 0]), int32([2, 5])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    // Odd begins, odd rows, odd totals; a single element.
    ...PACKED.flatMap((dtype) =>
      [
        [
          [1, 3],
          [3, 4],
        ],
        [
          [3, 1],
          [1, 1],
        ],
        [
          [0, 0],
          [5, -1],
        ],
      ].map(([begin, size]): OpCase => {
        const x = new Rng(3).tensor(dtype, [5, 9]);
        const outputs = [{ dtype, shape: [] }];
        return { name: `${dtype} from ${begin} by ${size}`, inputs: [x, int32(begin!), int32(size!)], outputs };
      }),
    ),
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 6));
    const begin = shape.map((n) => (rng.bool(0.4) ? 0 : rng.int(0, n)));
    const size = shape.map((n, d) => (rng.bool(0.4) ? -1 : rng.int(0, n - begin[d]!)));
    const x = rng.bool(0.2) ? rng.tensor(rng.pick(PACKED), shape) : movable(rng, shape);
    return {
      name: `${shape} from ${begin} by ${size}`,
      inputs: [x, steering(rng, begin), steering(rng, size)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
