import { counting, int32, smallShape } from './moving.js';
import { type Combination, filled, scatterSlices } from './scatter.js';
import type { OpSpec } from './spec.js';

/** y[s] combines all x[i…] with ids[i…] = s; negative numbers are in no segment. */
export function unsortedSegment(op: string, how: Combination, emptyFloat: number, emptyInt: number): OpSpec {
  return {
    op,
    tolerance: () => ({ rtol: 1e-5 }),

    reference({ inputs: [x, ids, segments] }) {
      const shape = [Number(segments!.data[0]), ...x!.shape.slice(ids!.shape.length)];
      const y = filled(x!.dtype, shape, x!.dtype === 'float32' ? emptyFloat : emptyInt);
      scatterSlices(y, x!, ids!, 1, how);
      return [y];
    },

    cases: [
      {
        name: 'some segments empty, some slices left out',
        inputs: [counting([4, 2]), { ...int32([3, -1, 0, 3]), constant: false }, int32([5], [])],
        outputs: [{ dtype: 'float32', shape: [] }],
      },
      {
        name: 'a scalar number of a segment',
        inputs: [counting([2]), int32([1], []), int32([2])],
        outputs: [{ dtype: 'float32', shape: [] }],
      },
      {
        name: 'no segments',
        inputs: [counting([2]), int32([-1, -1]), int32([0], [])],
        outputs: [{ dtype: 'float32', shape: [] }],
      },
    ],

    random(rng) {
      const shape = smallShape(rng, rng.int(1, 4));
      const dims = shape.slice(0, rng.int(1, shape.length));
      const segments = rng.int(1, 5);
      const points = dims.reduce((a, b) => a * b, 1);
      const ids = Array.from({ length: points }, () => rng.int(-1, segments - 1));
      const dtype = rng.pick(['float32', 'int32'] as const);
      return {
        name: `${dtype} ${shape} by ${dims} in ${segments}`,
        inputs: [
          rng.tensor(dtype, shape),
          { ...int32(ids, dims), constant: rng.bool(0.3) },
          { ...int32([segments], rng.bool() ? [] : [1]), constant: rng.bool() },
        ],
        outputs: [{ dtype, shape: [] }],
      };
    },
  };
}
