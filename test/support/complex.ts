import { Rng } from './random.js';
import type { OpCase, OpSpec } from './spec.js';

function build(rng: Rng, shape: readonly number[]): OpCase {
  return {
    name: `[${shape}]`,
    inputs: [rng.tensor('complex64', shape)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

/** A real number of each complex one. */
export function complexPart(op: string, of: (re: number, im: number) => number): OpSpec {
  const rng = new Rng(3);
  return {
    op,
    reference({ inputs: [x] }) {
      const parts = x!.data as Float32Array;
      return [
        {
          shape: x!.shape,
          data: Float32Array.from({ length: parts.length / 2 }, (_, i) => of(parts[2 * i]!, parts[2 * i + 1]!)),
        },
      ];
    },
    cases: [
      build(rng, [1]),
      build(rng, [2, 3, 3]),
      build(rng, []),
      build(rng, [0]),
      {
        name: 'large and small',
        inputs: [{ dtype: 'complex64', shape: [3], data: Float32Array.of(3e30, 4e30, 3e-30, 4e-30, 0, -1) }],
        outputs: [{ dtype: 'float32', shape: [] }],
      },
    ],
    random: (rng) =>
      build(
        rng,
        Array.from({ length: rng.int(1, 3) }, () => rng.dim(17)),
      ),
    tolerance: () => ({ rtol: 1e-6 }),
  };
}
