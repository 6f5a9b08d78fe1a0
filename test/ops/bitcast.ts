import { elementSize, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import { counting, MOVABLE, smallShape, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** The same bytes; the last dimension holds the parts of larger elements. */
export default {
  op: 'BITCAST',
  tolerance: unchanged,

  reference({ inputs: [x], outputs: [y] }) {
    const [from, to] = [elementSize(x!.dtype), elementSize(y!.dtype)];
    let shape = x!.shape;
    if (from > to) shape = [...shape, from / to];
    if (from < to) shape = shape.slice(0, -1);
    const View = typedArrayOf(y!.dtype);
    const bytes = x!.data.buffer.slice(x!.data.byteOffset, x!.data.byteOffset + x!.data.byteLength);
    return [{ shape, data: new View(bytes as ArrayBuffer) as TypedArray }];
  },

  cases: [
    { name: 'to ints', inputs: [counting([2, 3])], outputs: [{ dtype: 'int32', shape: [] }] },
    { name: 'to bytes', inputs: [counting([2, 3])], outputs: [{ dtype: 'uint8', shape: [] }] },
  ],

  random(rng) {
    const integers = MOVABLE.filter((t) => t.includes('int'));
    const [from, to] = [rng.pick(integers), rng.pick(integers)];
    const shape = smallShape(rng, rng.int(0, 4));
    if (elementSize(from) < elementSize(to)) shape.push(elementSize(to) / elementSize(from));
    return {
      name: `${from} ${shape} to ${to}`,
      inputs: [rng.tensor(from, shape)],
      outputs: [{ dtype: to, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
