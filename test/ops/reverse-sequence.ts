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

/** Along the sequence, the first lengths[b] elements of batch b come in reverse. */
export default {
  op: 'REVERSE_SEQUENCE',
  tolerance: unchanged,

  reference({ inputs: [x, lengths], options: { seqDim, batchDim } }) {
    const all = ints(lengths!);
    return [
      tensorOf(x!.dtype, x!.shape, (index) => {
        const length = all[index[batchDim]!]!;
        const from = [...index];
        if (index[seqDim]! < length) from[seqDim] = length - 1 - index[seqDim]!;
        return element(x!, from);
      }),
    ];
  },

  cases: [
    {
      name: 'columns',
      options: { seqDim: 0, batchDim: 1 },
      inputs: [counting([4, 3]), { ...int32([4, 1, 2]), constant: false }],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(2, 5));
    const seqDim = rng.int(0, shape.length - 1);
    const batchDim = (seqDim + rng.int(1, shape.length - 1)) % shape.length;
    const x = movable(rng, shape);
    const lengths = Array.from({ length: shape[batchDim]! }, () => rng.int(0, shape[seqDim]!));
    return {
      name: `${x.dtype} ${shape} along ${seqDim}, batches ${batchDim}: ${lengths}`,
      options: { seqDim, batchDim },
      inputs: [x, steering(rng, lengths)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
