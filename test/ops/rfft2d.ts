import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function build(rng: Rng, shape: readonly number[], h: number, w: number): OpCase {
  return {
    name: `[${shape}] to ${h} x ${w}`,
    inputs: [
      rng.tensor('float32', shape),
      { dtype: 'int32', shape: [2], data: Int32Array.of(h, w), constant: rng.bool(0.8) },
    ],
    outputs: [{ dtype: 'complex64', shape: [] }],
  };
}

const rng = new Rng(5);

/** The sum as it is written. */
export default {
  op: 'RFFT2D',
  reference({ inputs: [x, lengths] }) {
    const [h, w] = lengths!.data as unknown as [number, number];
    const outer = x!.shape.slice(0, -2);
    const [ih, iw] = x!.shape.slice(-2) as [number, number];
    const images = outer.reduce((a, b) => a * b, 1);
    const out: number[] = [];
    for (let image = 0; image < images; image++) {
      for (let p = 0; p < h; p++) {
        for (let q = 0; q <= w >> 1; q++) {
          let [re, im] = [0, 0];
          for (let i = 0; i < Math.min(ih, h); i++) {
            for (let j = 0; j < Math.min(iw, w); j++) {
              const v = Number(x!.data[(image * ih + i) * iw + j]);
              const turn = 2 * Math.PI * ((p * i) / h + (q * j) / w);
              re += v * Math.cos(turn);
              im -= v * Math.sin(turn);
            }
          }
          out.push(re, im);
        }
      }
    }
    return [{ shape: [...outer, h, (w >> 1) + 1], data: Float32Array.from(out) }];
  },
  cases: [
    build(rng, [3, 1, 512], 1, 512),
    build(rng, [4, 8], 4, 8),
    build(rng, [2, 5, 4], 4, 4),
    build(rng, [1, 3, 6], 8, 16),
    build(rng, [2, 2], 1, 1),
    build(rng, [4, 3], 4, 1),
    build(rng, [3, 2], 16, 2),
  ],
  random: (rng) => build(rng, [rng.int(1, 3), rng.int(1, 9), rng.int(1, 40)], 2 ** rng.int(0, 4), 2 ** rng.int(0, 6)),
  // Rounded to float once, at the end.
  tolerance: () => ({ rtol: 1e-7, atol: 1e-6 }),
} satisfies OpSpec as OpSpec;
