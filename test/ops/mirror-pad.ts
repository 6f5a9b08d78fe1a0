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

/** Outside positions read x mirrored at its border, which REFLECT does not repeat. */
export default {
  op: 'MIRROR_PAD',
  tolerance: unchanged,

  reference({ inputs: [x, pads], options }) {
    const p = ints(pads!);
    const skip = options.mode === 'REFLECT' ? 1 : 0;
    const shape = x!.shape.map((n, d) => p[2 * d]! + n + p[2 * d + 1]!);
    const mirror = (i: number, n: number) => (i < 0 ? -i - 1 + skip : i >= n ? 2 * n - 1 - i - skip : i);
    return [
      tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          index.map((i, d) => mirror(i - p[2 * d]!, x!.shape[d]!)),
        ),
      ),
    ];
  },

  cases: ['REFLECT', 'SYMMETRIC'].map((mode) => ({
    name: mode,
    options: { mode },
    inputs: [counting([2, 4]), int32([1, 0, 2, 3], [2, 2])],
    outputs: [{ dtype: 'float32' as const, shape: [] }],
  })),

  random(rng) {
    const mode = rng.pick(['REFLECT', 'SYMMETRIC']);
    const shape = smallShape(rng, rng.int(1, 4)).map((n) => Math.max(n, 1));
    const pads = shape.flatMap((n) => [0, 0].map(() => rng.int(0, Math.min(3, mode === 'REFLECT' ? n - 1 : n))));
    const x = movable(rng, shape);
    return {
      name: `${mode} ${shape} by ${pads}`,
      options: { mode },
      inputs: [x, steering(rng, pads, [shape.length, 2])],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
