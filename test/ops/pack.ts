import { counting, element, MOVABLE, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[…, i, …] = x_i[…] with i at a new axis. */
export default {
  op: 'PACK',
  tolerance: unchanged,

  reference({ inputs, options, outputs: [y] }) {
    const rank = inputs[0]!.shape.length + 1;
    const axis = (options.axis + rank) % rank;
    const shape = [...inputs[0]!.shape];
    shape.splice(axis, 0, inputs.length);
    return [
      tensorOf(y!.dtype, shape, (index) => {
        const rest = index.filter((_, d) => d !== axis);
        return element(inputs[index[axis]!]!, rest);
      }),
    ];
  },

  cases: [
    {
      name: 'scalars',
      options: { axis: 0, valuesCount: 2 },
      inputs: [counting([]), counting([])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 5));
    const axis = rng.int(-shape.length - 1, shape.length);
    const dtype = rng.pick(MOVABLE);
    const inputs = Array.from({ length: rng.int(1, 4) }, () => rng.tensor(dtype, shape));
    return {
      name: `${inputs.length} of ${shape} at ${axis}`,
      options: { axis, valuesCount: inputs.length },
      inputs,
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
