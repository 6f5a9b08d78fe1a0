import { counting, element, int32, ints, movable, steering, tensorOf, unchanged } from '../support/moving.js';
import type { OpCase, OpSpec } from '../support/spec.js';

/** Batch (k_1·b_2 + k_2)·N + n of y at o is batch n of padded x at o·block + k. Padding is the zero point. */
export default {
  op: 'SPACE_TO_BATCH_ND',
  tolerance: unchanged,

  reference({ inputs: [x, blockTensor, padsTensor], outputs: [y] }) {
    const block = ints(blockTensor!);
    const pads = ints(padsTensor!);
    const m = block.length;
    const [n, ...dims] = x!.shape as [number, ...number[]];
    const blocks = block.reduce((a, b) => a * b, 1);
    const shape = [n * blocks, ...dims.map((s, d) => (d < m ? (s + pads[2 * d]! + pads[2 * d + 1]!) / block[d]! : s))];
    const zero = x!.data instanceof BigInt64Array || x!.data instanceof BigUint64Array ? 0n : 0;
    return [
      tensorOf(x!.dtype, shape, ([batch, ...at]) => {
        let within = Math.floor(batch! / n);
        const source = [...at];
        for (let d = m - 1; d >= 0; d--) {
          source[d] = at[d]! * block[d]! + (within % block[d]!) - pads[2 * d]!;
          within = Math.floor(within / block[d]!);
        }
        const inside = source.every((s, d) => s >= 0 && s < dims[d]!);
        if (inside) return element(x!, [batch! % n, ...source]);
        return x!.dtype === 'complex64' ? [0, 0] : [y!.quantization?.zeroPoint[0] ?? zero];
      }),
    ];
  },

  cases: [
    {
      name: '2x2',
      inputs: [counting([1, 3, 4, 2]), int32([2, 2]), int32([1, 0, 0, 2], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng): OpCase {
    const m = rng.int(1, 3);
    const block = Array.from({ length: m }, () => rng.int(1, 4));
    const pads = block.flatMap(() => [rng.int(0, 5), rng.int(0, 2)]);
    const spatial = block.map((b, d) => {
      const total = pads[2 * d]! + pads[2 * d + 1]!;
      const padded = b * Math.ceil((total + rng.int(1, 5)) / b);
      return padded - total;
    });
    const shape = [rng.int(1, 2), ...spatial, ...(rng.bool(0.8) ? [rng.int(1, 5)] : [])];
    const quantization = rng.bool(0.3) ? rng.quantization('int8') : undefined;
    const x = quantization ? rng.tensor('int8', shape, { quantization }) : movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} by ${block}, paddings ${pads}`,
      inputs: [x, steering(rng, block), steering(rng, pads, [m, 2])],
      outputs: [{ dtype: x.dtype, shape: [], quantization }],
    };
  },
} satisfies OpSpec as OpSpec;
