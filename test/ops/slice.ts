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

/** y[index] = x[begin + index]; a size of -1 reaches to the end. */
export default {
  op: 'SLICE',
  tolerance: unchanged,

  reference({ inputs: [x, beginTensor, sizeTensor] }) {
    const begin = ints(beginTensor!);
    const shape = ints(sizeTensor!).map((n, d) => (n === -1 ? x!.shape[d]! - begin[d]! : n));
    return [
      tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          index.map((i, d) => begin[d]! + i),
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
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 6));
    const begin = shape.map((n) => (rng.bool(0.4) ? 0 : rng.int(0, n)));
    const size = shape.map((n, d) => (rng.bool(0.4) ? -1 : rng.int(0, n - begin[d]!)));
    const x = movable(rng, shape);
    return {
      name: `${shape} from ${begin} by ${size}`,
      inputs: [x, steering(rng, begin), steering(rng, size)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
