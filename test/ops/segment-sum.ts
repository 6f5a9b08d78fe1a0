import { counting, int32, smallShape } from '../support/moving.js';
import { filled, scatterSlices } from '../support/scatter.js';
import type { OpSpec } from '../support/spec.js';

/** y[s] is the sum of all x[i] with ids[i] = s. */
export default {
  op: 'SEGMENT_SUM',

  reference({ inputs: [x, ids] }) {
    const segments = 1 + Math.max(-1, ...Array.from(ids!.data, Number));
    const y = filled(x!.dtype, [segments, ...x!.shape.slice(1)], 0);
    scatterSlices(y, x!, ids!, 1, 'add');
    return [y];
  },

  cases: [
    {
      name: 'pairs',
      inputs: [counting([4, 3]), { ...int32([0, 0, 1, 1]), constant: false }],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    { name: 'nothing', inputs: [counting([0, 3]), int32([])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 3));
    const ids: number[] = [];
    for (let i = 0; i < shape[0]!; i++) ids.push(i === 0 ? 0 : ids[i - 1]! + rng.int(0, 1));
    const dtype = rng.pick(['float32', 'int32'] as const);
    return {
      name: `${dtype} ${shape} by ${ids}`,
      inputs: [rng.tensor(dtype, shape), { ...int32(ids), constant: rng.bool() }],
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
