import { elementCount } from '../../bindings/dtype.js';
import { counting, int32, ints, movable, shuffled, smallShape, steering, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** The same elements in row-major order under another shape. */
export default {
  op: 'RESHAPE',
  tolerance: unchanged,

  reference({ inputs: [x, tensor], options }) {
    const shape = tensor?.shape.length === 1 ? ints(tensor) : [...(options.newShape ?? [])];
    const known = shape.filter((n) => n !== -1).reduce((a, b) => a * b, 1);
    return [{ shape: shape.map((n) => (n === -1 ? x!.data.length / known : n)), data: x!.data }];
  },

  cases: [
    { name: 'tensor', inputs: [counting([2, 6]), int32([3, 4])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'unknown', inputs: [counting([2, 6]), int32([3, -1])], outputs: [{ dtype: 'float32', shape: [] }] },
    {
      name: 'option',
      inputs: [counting([2, 6])],
      options: { newShape: [-1] },
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    { name: 'to scalar', inputs: [counting([1, 1]), int32([])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'empty', inputs: [counting([0, 4]), int32([2, 0])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 6));
    const x = movable(rng, shape);
    const to: number[] = shuffled(rng, shape);
    if (to.length > 1) to.splice(0, 2, to[0]! * to[1]!);
    if (to.length && elementCount(to) > 0 && x.dtype !== 'complex64' && rng.bool()) to[rng.int(0, to.length - 1)] = -1;
    return { name: `${shape} to ${to}`, inputs: [x, steering(rng, to)], outputs: [{ dtype: x.dtype, shape: [] }] };
  },
} satisfies OpSpec as OpSpec;
