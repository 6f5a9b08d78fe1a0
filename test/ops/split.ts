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

/** Equal parts along the axis in input 0. */
export default {
  op: 'SPLIT',
  tolerance: unchanged,

  reference({ inputs: [axisTensor, x], outputs }) {
    const rank = x!.shape.length;
    const axis = (ints(axisTensor!)[0]! + rank) % rank;
    const shape = [...x!.shape];
    shape[axis]! /= outputs.length;
    return outputs.map((_, i) =>
      tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          index.map((at, d) => (d === axis ? i * shape[axis]! + at : at)),
        ),
      ),
    );
  },

  cases: [
    {
      name: 'rows',
      options: { numSplits: 2 },
      inputs: [int32([0], []), counting([4, 3])],
      outputs: [
        { dtype: 'float32', shape: [] },
        { dtype: 'float32', shape: [] },
      ],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 5));
    const axis = rng.int(-shape.length, shape.length - 1);
    const parts = rng.int(1, 4);
    shape[(axis + shape.length) % shape.length] = parts * rng.int(0, 5);
    const x = movable(rng, shape);
    const outputs = Array.from({ length: parts }, () => ({ dtype: x.dtype, shape: [] }));
    return {
      name: `${shape} at ${axis} into ${parts}`,
      options: { numSplits: parts },
      inputs: [steering(rng, [axis], []), x],
      outputs,
    };
  },
} satisfies OpSpec as OpSpec;
