import type { DType } from '../../bindings/dtype.js';
import { philoxStream } from '../support/philox.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

function caseOf(rng: Rng, batch: number, classes: number, samples: number, dtype: DType, constant = true): OpCase {
  return {
    name: `${samples} of [${batch}, ${classes}] as ${dtype}`,
    options: { seed: rng.word(), seed2: rng.word() },
    inputs: [
      rng.tensor('float32', [batch, classes]),
      { dtype: 'int32', shape: [], data: Int32Array.of(samples), constant },
    ],
    outputs: [{ dtype, shape: [] }],
  };
}

const rng = new Rng(5);

export default {
  op: 'MULTINOMIAL',
  tolerance: () => ({ lsb: 0 }),
  reference({ options, inputs: [x, n], outputs, runs = 0 }) {
    const [batch, classes] = x!.shape as [number, number];
    const samples = Number(n!.data[0]);
    // TensorFlow lets a run take far more out of the stream than it needs.
    const taken = batch * Math.ceil(samples / 4) * 4 * 2 * 256;
    const stream = philoxStream(options.seed, options.seed2, runs * taken);
    const drawn: number[] = [];
    for (let row = 0; row < batch; row++) {
      const logits = Array.from((x!.data as Float32Array).subarray(row * classes, (row + 1) * classes));
      const top = Math.max(...logits.filter(Number.isFinite));
      const weights = logits.map((v) => (Number.isFinite(v) ? Math.exp(v - top) : 0));
      const total = weights.reduce((a, b) => a + b, 0);
      for (let i = 0; i < samples; i++) {
        // 52 bits: 20 of the first word, all of the second.
        const high = stream.next().value & 0xfffff;
        const wanted = ((high * 2 ** 32 + stream.next().value) / 2 ** 52) * total;
        let k = 0;
        for (let sum = 0; k < classes; k++) {
          sum += weights[k]!;
          if (sum > wanted) break;
        }
        drawn.push(k);
      }
    }
    const data = outputs[0]!.dtype === 'int64' ? BigInt64Array.from(drawn.map(BigInt)) : Int32Array.from(drawn);
    return [{ shape: [batch, samples], data }];
  },
  cases: [
    caseOf(rng, 2, 4, 6, 'int32'),
    caseOf(rng, 3, 5, 7, 'int64', false),
    caseOf(rng, 1, 1, 3, 'int32'),
    caseOf(rng, 2, 3, 0, 'int64'),
    caseOf(rng, 0, 3, 2, 'int64'),
    {
      ...caseOf(rng, 2, 4, 20, 'int32'),
      name: 'infinite logits count for nothing',
      inputs: [
        { dtype: 'float32', shape: [2, 4], data: Float32Array.of(-Infinity, 1, NaN, 2, NaN, NaN, NaN, Infinity) },
        { dtype: 'int32', shape: [], data: Int32Array.of(20), constant: true },
      ],
    },
  ],
  random: (rng) => caseOf(rng, rng.int(1, 3), rng.dim(), rng.int(1, 9), rng.pick(['int32', 'int64']), rng.bool()),
} satisfies OpSpec as OpSpec;
