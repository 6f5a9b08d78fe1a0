import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function build(rng: Rng, shape: readonly number[], radius: number, beta: number): OpCase {
  const options = { radius, beta, bias: rng.uniform(0.5, 2), alpha: rng.uniform(0.1, 1) };
  return {
    name: `[${shape}] ${JSON.stringify(options)}`,
    options,
    inputs: [rng.tensor('float32', shape)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(43);

/** x times (bias + alpha * the sum of squares of up to `radius` neighbours on both sides) to the power of -beta. */
export default {
  op: 'LOCAL_RESPONSE_NORMALIZATION',

  reference({ inputs: [x], options: { radius, bias, alpha, beta } }) {
    const channels = x!.shape[3]!;
    const data = Float32Array.from(x!.data as Float32Array, (v, i) => {
      const first = i - (i % channels);
      const [from, to] = [Math.max(first, i - radius), Math.min(first + channels - 1, i + radius)];
      let sum = 0;
      for (let j = from; j <= to; j++) sum += Number(x!.data[j]) ** 2;
      return v * (bias + alpha * sum) ** -beta;
    });
    return [{ shape: x!.shape, data }];
  },

  cases: [
    build(rng, [1, 2, 3, 19], 2, 0.75),
    build(rng, [2, 1, 1, 6], 20, 0.5),
    build(rng, [1, 1, 2, 5], 0, 1),
    build(rng, [1, 0, 2, 3], 1, 1),
  ],

  random(rng) {
    const shape = [rng.int(1, 2), rng.int(1, 3), rng.int(1, 3), rng.dim()];
    return build(rng, shape, rng.int(0, 8), rng.pick([1, 0.5, rng.uniform(0, 2)]));
  },

  tolerance: () => ({ rtol: 2e-5, atol: 1e-6 }),
} satisfies OpSpec as OpSpec;
