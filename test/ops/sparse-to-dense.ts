import { int32, MOVABLE, smallShape, steering, unchanged } from '../support/moving.js';
import { filled, randomInts, scatterSlices } from '../support/scatter.js';
import type { OpSpec } from '../support/spec.js';

/** y is the default; y[indices[i, :]] = values[i]. */
export default {
  op: 'SPARSE_TO_DENSE',
  tolerance: unchanged,

  reference({ inputs: [indices, shape, values, fallback] }) {
    const dims = Array.from(shape!.data, Number);
    const y = filled(values!.dtype, dims, fallback!.data[0]!);
    scatterSlices(y, values!, indices!, dims.length, 'write');
    return [y];
  },

  cases: [
    {
      name: 'one element by a scalar',
      inputs: [
        int32([2], []),
        int32([4]),
        { dtype: 'float32', shape: [], data: Float32Array.of(5) },
        { dtype: 'float32', shape: [], data: Float32Array.of(-1) },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 5)).map((n) => Math.max(n, 1));
    const points = rng.int(0, 6);
    const dims = shape.length === 1 && rng.bool() ? [points] : [points, shape.length];
    const indices = randomInts(rng, dims, 0, Math.min(...shape) - 1);
    const dtype = rng.pick(MOVABLE.filter((dtype) => dtype !== 'complex64'));
    const values = rng.tensor(dtype, rng.bool() ? [points] : []);
    return {
      name: `${dtype} ${values.shape} to ${shape} by ${dims}`,
      inputs: [indices, steering(rng, shape), values, rng.tensor(dtype, [])],
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
