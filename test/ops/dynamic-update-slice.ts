import { elementCount } from '../../bindings/dtype.js';
import { counting, element, int32, ints, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import { pack, unpack } from '../support/packed.js';
import { randomInts } from '../support/scatter.js';
import type { OpSpec, ReferenceTensor } from '../support/spec.js';

/** y is x, with the update from the nearest position to `start` at which it is inside. */
export default {
  op: 'DYNAMIC_UPDATE_SLICE',
  tolerance: unchanged,

  reference({ inputs: [x, update, start] }) {
    const all = ints(start!);
    const bytes = (v: ReferenceTensor): ReferenceTensor =>
      v.dtype === 'int4' ? { ...v, dtype: 'int8', data: unpack('int4', v.data, elementCount(v.shape)) } : v;
    const [from, part] = [bytes(x!), bytes(update!)];
    const { shape } = from;
    const first = all.map((s, d) => Math.max(0, Math.min(s, shape[d]! - part.shape[d]!)));
    const y = tensorOf(from.dtype, shape, (index) => {
      const at = index.map((i, d) => i - first[d]!);
      const inside = at.every((i, d) => i >= 0 && i < part.shape[d]!);
      return inside ? element(part, at) : element(from, index);
    });
    return [x!.dtype === 'int4' ? { shape, data: pack('int4', y.data as Int8Array) } : y];
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
      name: 'int4 from the middle of a byte on',
      inputs: [
        { dtype: 'int4', shape: [3, 5], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
        { dtype: 'int4', shape: [2, 3], data: Uint8Array.of(98, 99, 255) },
        { ...int32([1, 1]), constant: false },
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
