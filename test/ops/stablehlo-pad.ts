import { spread } from '../support/interior-pad.js';
import { counting, movable, smallShape, unchanged } from '../support/moving.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const padded = (name: string, shape: readonly number[], low: number[], high: number[], interior: number[]): OpCase => ({
  name,
  options: { edgePaddingLow: low, edgePaddingHigh: high, interiorPadding: interior },
  inputs: [counting(shape), { dtype: 'float32', shape: [], data: Float32Array.of(-1) }],
  outputs: [{ dtype: 'float32', shape: [] }],
});

/** Between elements first, then at the edges, where a negative padding takes away what is there. */
export default {
  op: 'STABLEHLO_PAD',
  tolerance: unchanged,

  reference({ inputs: [x, value], options }) {
    return [spread(x!, value!, options.edgePaddingLow, options.edgePaddingHigh, options.interiorPadding)];
  },

  cases: [
    padded('edges', [2, 3], [1, 0], [0, 2], [0, 0]),
    padded('crops into the padding between', [5], [-2], [-3], [2]),
    padded('crops everything but padding', [3], [-1], [-2], [1]),
    padded('crops beyond the input', [2, 2], [-5, 0], [6, 0], [1, 0]),
    padded('around nothing', [0, 2], [3, 0], [2, 1], [2, 0]),
    padded('nothing left', [2, 3], [-4, 0], [0, 0], [0, 0]),
  ],

  random(rng) {
    const rank = rng.int(1, 6);
    const shape = smallShape(rng, rank);
    const x = movable(rng, shape);
    const edges = () => shape.map(() => (rng.bool() ? 0 : rng.int(-3, 4)));
    const options = {
      edgePaddingLow: edges(),
      edgePaddingHigh: edges(),
      interiorPadding: shape.map(() => (rng.bool(0.6) ? 0 : rng.int(0, 3))),
    };
    return {
      name: `${x.dtype} ${shape} ${JSON.stringify(options)}`,
      options,
      inputs: [x, rng.tensor(x.dtype, rng.pick([[], [1]]), { constant: rng.bool() })],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
