import { elementCount } from '../../bindings/dtype.js';
import { philoxStream } from '../support/philox.js';
import type { OpSpec } from '../support/spec.js';
import uniform, { CASES } from './random-uniform.js';

export default {
  op: 'RANDOM_STANDARD_NORMAL',
  tolerance: () => ({ rtol: 1e-6, atol: 1e-6 }),
  reference({ options, inputs: [x], runs = 0 }) {
    const shape = Array.from(x!.data as Int32Array);
    const stream = philoxStream(options.seed, options.seed2, runs * Math.ceil(elementCount(shape) / 4));
    const next = () => (stream.next().value & 0x7fffff) / 2 ** 23;
    const data = new Float32Array(elementCount(shape) + 1);
    for (let i = 0; i < data.length - 1; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(Math.max(next(), 1e-7)));
      const angle = 2 * Math.PI * next();
      data[i] = radius * Math.sin(angle);
      data[i + 1] = radius * Math.cos(angle);
    }
    return [{ shape, data: data.slice(0, -1) }];
  },
  cases: CASES,
  random: (rng) => uniform.random!(rng),
} satisfies OpSpec as OpSpec;
