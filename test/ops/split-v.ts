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

/** Parts of given sizes along the axis in input 2; a size of -1 is what is left. */
export default {
  op: 'SPLIT_V',
  tolerance: unchanged,

  reference({ inputs: [x, sizesTensor, axisTensor] }) {
    const rank = x!.shape.length;
    const axis = (ints(axisTensor!)[0]! + rank) % rank;
    const sizes = ints(sizesTensor!);
    const left = x!.shape[axis]! - sizes.filter((n) => n !== -1).reduce((a, b) => a + b, 0);
    let first = 0;
    return sizes.map((n) => {
      const shape = [...x!.shape];
      shape[axis] = n === -1 ? left : n;
      const from = first;
      first += shape[axis]!;
      return tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          index.map((at, d) => (d === axis ? from + at : at)),
        ),
      );
    });
  },

  cases: [
    {
      name: 'rest',
      options: { numSplits: 2 },
      inputs: [counting([4, 3]), int32([-1, 1]), int32([0], [])],
      outputs: [
        { dtype: 'float32', shape: [] },
        { dtype: 'float32', shape: [] },
      ],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 5));
    const axis = rng.int(-shape.length, shape.length - 1);
    const sizes = Array.from({ length: rng.int(1, 4) }, () => rng.int(0, 6));
    shape[(axis + shape.length) % shape.length] = sizes.reduce((a, b) => a + b, 0);
    if (rng.bool()) sizes[rng.int(0, sizes.length - 1)] = -1;
    const x = movable(rng, shape);
    const outputs = sizes.map(() => ({ dtype: x.dtype, shape: [] }));
    return {
      name: `${shape} at ${axis} into ${sizes}`,
      options: { numSplits: sizes.length },
      inputs: [x, steering(rng, sizes), steering(rng, [axis], [])],
      outputs,
    };
  },
} satisfies OpSpec as OpSpec;
