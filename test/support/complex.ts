import { Rng } from './random.js';
import type { OpCase, OpSpec } from './spec.js';

function build(rng: Rng, shape: readonly number[], double = false): OpCase {
  const dtype = double ? 'complex128' : 'complex64';
  return {
    name: `${dtype} [${shape}]`,
    inputs: [rng.tensor(dtype, shape)],
    outputs: [{ dtype: double ? 'float64' : 'float32', shape: [] }],
  };
}

/** A real number of each complex one. */
export function complexPart(op: string, of: (re: number, im: number) => number): OpSpec {
  const rng = new Rng(3);
  return {
    op,
    reference({ inputs: [x] }) {
      const parts = x!.data as Float32Array | Float64Array;
      const data = new (parts instanceof Float64Array ? Float64Array : Float32Array)(parts.length / 2);
      return [{ shape: x!.shape, data: data.map((_, i) => of(parts[2 * i]!, parts[2 * i + 1]!)) }];
    },
    cases: [
      build(rng, [1]),
      build(rng, [2, 3, 3]),
      build(rng, []),
      build(rng, [0]),
      build(rng, [3, 5], true),
      build(rng, [], true),
      {
        name: 'large, small and infinite doubles',
        inputs: [
          {
            dtype: 'complex128',
            shape: [4],
            data: Float64Array.of(3e300, 4e300, 3e-300, -4e-300, 0, 0, Infinity, -Infinity),
          },
        ],
        outputs: [{ dtype: 'float64', shape: [] }],
      },
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
        rng.bool(0.3),
      ),
    tolerance: () => ({ rtol: 1e-6 }),
  };
}
