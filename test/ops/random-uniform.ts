import { elementCount } from '../../bindings/dtype.js';
import { philoxStream } from '../support/philox.js';
import type { OpCase, OpSpec } from '../support/spec.js';

export function caseOf(
  shape: readonly number[],
  seed: number | bigint,
  seed2: number | bigint,
  constant = true,
): OpCase {
  return {
    name: `[${shape}], seeds ${seed} and ${seed2}`,
    options: { seed, seed2 },
    inputs: [{ dtype: 'int32', shape: [shape.length], data: Int32Array.from(shape), constant }],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

/** Seeds up to 64 bits, and shapes whose sizes are no multiples of four. */
export const CASES = [
  caseOf([3, 5], 1, 0),
  caseOf([2, 1, 9], 1234, 5678, false),
  caseOf([4], -1, 2n ** 63n - 1n),
  caseOf([7, 0], 0, 1),
  caseOf([], 12345678901234567890n - 2n ** 64n, 3),
];

export default {
  op: 'RANDOM_UNIFORM',
  tolerance: () => ({ rtol: 0, atol: 0 }),
  reference({ options, inputs: [x], runs = 0 }) {
    const shape = Array.from(x!.data as Int32Array);
    const stream = philoxStream(options.seed, options.seed2, runs * Math.ceil(elementCount(shape) / 4));
    // The low 23 bits are the fraction.
    const data = Float32Array.from({ length: elementCount(shape) }, () => (stream.next().value & 0x7fffff) / 2 ** 23);
    return [{ shape, data }];
  },
  cases: CASES,
  random: (rng) => caseOf([rng.int(1, 4), rng.dim()], rng.word(), rng.word(), rng.bool()),
} satisfies OpSpec as OpSpec;
