import { elementCount } from '../../bindings/dtype.js';
import { counting, int32, ints, movable, shuffled, smallShape, steering, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** The same elements in row-major order under another shape. */
export default {
  op: 'RESHAPE',
  tolerance: unchanged,

  reference({ inputs: [x, tensor], options }) {
    const reads = tensor?.shape.length === 1 && (tensor.dtype === 'int32' || !options.newShape);
    const shape = reads ? ints(tensor) : [...(options.newShape ?? [])];
    const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
    // Dimensions of 0 on both sides cancel out.
    const some = (dims: readonly number[]) => product(dims.filter((n) => n > 0));
    const rest = (shape.includes(0) ? some(x!.shape) : product(x!.shape)) / some(shape);
    return [{ shape: shape.map((n) => (n === -1 ? rest : n)), data: x!.data }];
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
    {
      name: 'option beside a tensor of int64',
      inputs: [counting([2, 6]), { dtype: 'int64', shape: [1], data: BigInt64Array.of(12n), constant: true }],
      options: { newShape: [4, 3] },
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    { name: 'empty, unknown', inputs: [counting([0, 4]), int32([0, -1])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'to nothing', inputs: [counting([0, 4]), int32([3, -1])], outputs: [{ dtype: 'float32', shape: [] }] },
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
