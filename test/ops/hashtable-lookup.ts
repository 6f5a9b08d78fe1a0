import { typedArrayOf } from '../../bindings/dtype.js';
import { counting, int32, movable, smallShape, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[i] is the value whose key is wanted[i], and zero if there is none; hits tell which. */
export default {
  op: 'HASHTABLE_LOOKUP',
  tolerance: unchanged,

  reference({ inputs: [wanted, keys, values] }) {
    const found = Array.from(wanted!.data as Int32Array, (key) => (keys!.data as Int32Array).indexOf(key));
    const run = values!.data.length / keys!.data.length;
    const data = new (typedArrayOf(values!.dtype))(found.length * run);
    for (const [i, k] of found.entries()) {
      if (k >= 0) data.set(values!.data.subarray(k * run, k * run + run) as never, i * run);
    }
    return [
      { shape: [...wanted!.shape, ...values!.shape.slice(1)], data },
      { shape: wanted!.shape, data: Uint8Array.from(found, (k) => Number(k >= 0)) },
    ];
  },

  cases: [
    {
      name: 'rows',
      inputs: [{ ...int32([5, -3, 7, 1]), constant: false }, int32([-3, 1, 5]), counting([3, 2])],
      outputs: [
        { dtype: 'float32', shape: [] },
        { dtype: 'uint8', shape: [] },
      ],
    },
  ],

  random(rng) {
    const keys = [...new Set(Array.from({ length: rng.dim() }, () => rng.int(-30, 30)))].sort((a, b) => a - b);
    const wanted = Array.from({ length: rng.int(0, 9) }, () => rng.int(-30, 30));
    const values = movable(rng, [keys.length, ...smallShape(rng, rng.int(0, 2))]);
    return {
      name: `${wanted} of ${values.dtype} ${values.shape}`,
      inputs: [{ ...int32(wanted), constant: false }, int32(keys), values],
      outputs: [
        { dtype: values.dtype, shape: [] },
        { dtype: 'uint8', shape: [] },
      ],
    };
  },
} satisfies OpSpec as OpSpec;
