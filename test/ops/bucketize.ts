import { counting, smallShape, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

const DTYPES = ['float32', 'float64', 'int32', 'int64'] as const;

/** How many boundaries are not above the element; integers are rounded to float32 first. */
export default {
  op: 'BUCKETIZE',
  tolerance: unchanged,

  reference({ inputs: [x], options }) {
    const boundaries: number[] = options.boundaries;
    const bucket = (v: number) => boundaries.filter((b) => !(v < b)).length;
    const round = x!.dtype === 'float64' ? (v: number) => v : Math.fround;
    const data = Int32Array.from(x!.data as ArrayLike<number>, (v) => bucket(round(Number(v))));
    return [{ shape: x!.shape, data }];
  },

  cases: [
    {
      name: 'no boundaries',
      options: { boundaries: [] },
      inputs: [counting([3])],
      outputs: [{ dtype: 'int32', shape: [] }],
    },
    {
      name: 'beyond both ends, and no number',
      options: { boundaries: [-1, 0.5, 0.5, 4] },
      inputs: [{ dtype: 'float32', shape: [5], data: Float32Array.of(-2, -1, 0.5, 9, NaN) }],
      outputs: [{ dtype: 'int32', shape: [] }],
    },
    {
      name: 'integers between two floats',
      options: { boundaries: [2 ** 24, 2 ** 24 + 2] },
      inputs: [{ dtype: 'int32', shape: [2], data: Int32Array.of(2 ** 24 - 1, 2 ** 24 + 1) }],
      outputs: [{ dtype: 'int32', shape: [] }],
    },
  ],

  random(rng) {
    const dtype = rng.pick(DTYPES);
    const range = dtype.startsWith('int') ? 1000 : 4;
    const boundaries = Array.from({ length: rng.int(1, 9) }, () => Math.fround(rng.uniform(-range, range)));
    return {
      name: `${dtype} by ${boundaries.length}`,
      options: { boundaries: boundaries.sort((a, b) => a - b) },
      inputs: [rng.tensor(dtype, smallShape(rng, rng.int(0, 3)))],
      outputs: [{ dtype: 'int32', shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
