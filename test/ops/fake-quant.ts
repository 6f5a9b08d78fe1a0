import { roundAway } from '../../bindings/quantization.js';
import { smallShape } from '../support/moving.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const { fround } = Math;

function caseOf(rng: Rng, min: number, max: number, numBits: number, shape: readonly number[]): OpCase {
  return {
    name: `${numBits} bits from ${min} to ${max} [${shape}]`,
    options: { min: fround(min), max: fround(max), numBits, narrowRange: false },
    inputs: [rng.tensor('float32', shape)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(5);

export default {
  op: 'FAKE_QUANT',
  tolerance: () => ({ rtol: 0, atol: 0 }),
  reference({ options, inputs: [x] }) {
    const { min, max, numBits } = options;
    const levels = 2 ** numBits - 1;
    const scale = fround(fround(max - min) / levels);
    const wanted = fround(0 - fround(min / scale));
    const zeroPoint = wanted < 0 ? 0 : wanted > levels ? levels : roundAway(wanted);
    const lo = fround((0 - zeroPoint) * scale);
    const hi = fround((levels - zeroPoint) * scale);
    const inverse = fround(1 / scale);
    const data = Float32Array.from(x!.data as Float32Array, (v) => {
      const clamped = v > lo ? Math.min(v, hi) : lo;
      const q = roundAway(fround(fround(clamped - lo) * inverse));
      return fround(q * scale) + lo;
    });
    return [{ shape: x!.shape, data }];
  },
  cases: [
    caseOf(rng, -3, 4, 8, [3, 17]),
    caseOf(rng, 0, 6, 8, [33]),
    caseOf(rng, -6, 0, 4, [33]),
    caseOf(rng, -1, 1, 16, [100]),
    caseOf(rng, 1, 2, 8, [20]),
    caseOf(rng, -2, -1, 2, [20]),
    {
      name: 'infinities and NaN',
      options: { min: -1, max: 1, numBits: 8, narrowRange: false },
      inputs: [{ dtype: 'float32', shape: [5], data: Float32Array.of(Infinity, -Infinity, NaN, 0, -0) }],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],
  random: (rng) => caseOf(rng, -rng.uniform(0, 4), rng.uniform(0.1, 4), rng.int(2, 16), smallShape(rng, rng.int(0, 4))),
} satisfies OpSpec as OpSpec;
