import { counting, element, int32, ints, movable, steering, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y at s of batch n is x at floor(p / block) of batch (k_1·b_2 + k_2)·N + n, where p = s + crop and k = p mod block. */
export default {
  op: 'BATCH_TO_SPACE_ND',
  tolerance: unchanged,

  reference({ inputs: [x, blockTensor, cropsTensor] }) {
    const block = ints(blockTensor!);
    const crops = ints(cropsTensor!);
    const m = block.length;
    const [batches, ...dims] = x!.shape as [number, ...number[]];
    const n = batches / block.reduce((a, b) => a * b, 1);
    const shape = [n, ...dims.map((s, d) => (d < m ? s * block[d]! - crops[2 * d]! - crops[2 * d + 1]! : s))];
    return [
      tensorOf(x!.dtype, shape, ([batch, ...at]) => {
        let within = 0;
        const source = [...at];
        for (let d = 0; d < m; d++) {
          const p = at[d]! + crops[2 * d]!;
          within = within * block[d]! + (p % block[d]!);
          source[d] = Math.floor(p / block[d]!);
        }
        return element(x!, [within * n + batch!, ...source]);
      }),
    ];
  },

  cases: [
    {
      name: '2x2',
      inputs: [counting([4, 2, 3, 2]), int32([2, 2]), int32([1, 0, 0, 2], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const m = rng.int(1, 3);
    const block = Array.from({ length: m }, () => rng.int(1, 4));
    const spatial = block.map(() => rng.int(1, 4));
    const crops = block.flatMap((b, d) => {
      const before = rng.int(0, b * spatial[d]! - 1);
      return [before, rng.int(0, b * spatial[d]! - 1 - before)];
    });
    const batch = rng.int(1, 2) * block.reduce((a, b) => a * b, 1);
    const shape = [batch, ...spatial, ...(rng.bool(0.8) ? [rng.int(1, 5)] : [])];
    const x = movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} by ${block}, crops ${crops}`,
      inputs: [x, steering(rng, block), steering(rng, crops, [m, 2])],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
