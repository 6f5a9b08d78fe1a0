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
import type { OpCase, OpSpec } from '../support/spec.js';

/** x in the midst of zeros; those of a quantized tensor are its zero point. */
export default {
  op: 'PAD',
  tolerance: unchanged,

  reference({ inputs: [x, pads], outputs: [y] }) {
    const p = ints(pads!);
    const shape = x!.shape.map((n, d) => p[2 * d]! + n + p[2 * d + 1]!);
    const zero = /int64/.test(x!.dtype) ? 0n : (y!.quantization?.zeroPoint[0] ?? 0);
    return [
      tensorOf(x!.dtype, shape, (index) => {
        const inside = index.map((i, d) => i - p[2 * d]!);
        const isInside = inside.every((i, d) => i >= 0 && i < x!.shape[d]!);
        if (isInside) return element(x!, inside);
        return x!.dtype === 'complex64' ? [0, 0] : [zero];
      }),
    ];
  },

  cases: [
    {
      name: 'both',
      inputs: [counting([2, 3]), int32([1, 0, 2, 1], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'none',
      inputs: [counting([2, 3]), int32([0, 0, 0, 0], [2, 2])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    { name: 'empty', inputs: [counting([0]), int32([2, 1], [1, 2])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng): OpCase {
    const rank = rng.int(0, 5);
    const shape = smallShape(rng, rank);
    const pads = Array.from({ length: 2 * rank }, () => (rng.bool() ? 0 : rng.int(0, 3)));
    const quantized = rng.bool(0.3);
    const quantization = quantized ? rng.quantization('int8') : undefined;
    const x = quantized ? rng.tensor('int8', shape, { quantization }) : movable(rng, shape);
    if (x.dtype !== 'int8' && shape.includes(0)) return this.random!(rng);
    return {
      name: `${x.dtype} ${shape} by ${pads}`,
      inputs: [x, steering(rng, pads, [rank, 2])],
      outputs: [{ dtype: x.dtype, shape: [], quantization }],
    };
  },
} satisfies OpSpec as OpSpec;
