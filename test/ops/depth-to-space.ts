import { counting, element, movable, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[n, h·b + i, w·b + j, c] = x[n, h, w, (i·b + j)·C + c]. */
export default {
  op: 'DEPTH_TO_SPACE',
  tolerance: unchanged,

  reference({ inputs: [x], options }) {
    const [n, h, w, depth] = x!.shape as [number, number, number, number];
    const b = options.blockSize;
    const c = depth / (b * b);
    return [
      tensorOf(x!.dtype, [n, h * b, w * b, c], ([batch, row, column, channel]) => {
        const block = (row! % b) * b + (column! % b);
        return element(x!, [batch!, Math.floor(row! / b), Math.floor(column! / b), block * c + channel!]);
      }),
    ];
  },

  cases: [
    {
      name: 'blocks of 2',
      options: { blockSize: 2 },
      inputs: [counting([1, 2, 4, 8])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const b = rng.int(1, 4);
    const [n, h, w, c] = [rng.int(1, 2), rng.int(1, 4), rng.int(1, 9), rng.int(1, 5)] as const;
    const x = movable(rng, [n, h, w, c * b * b]);
    return {
      name: `${x.dtype} ${x.shape} by ${b}`,
      options: { blockSize: b },
      inputs: [x],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
