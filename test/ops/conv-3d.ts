import type { OperatorOptions } from '../../bindings/model/model.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { activate } from '../support/window.js';
import { joined, pixelsOf, randomWindow3d, slide3d } from '../support/window-3d.js';

const PLAIN = { strideD: 1, strideH: 1, strideW: 1, dilationDFactor: 1, dilationHFactor: 1, dilationWFactor: 1 };

function build(rng: Rng, x: number[], kernel: number[], channels: number, options: OperatorOptions): OpCase {
  const filter = [...kernel, x[4]!, channels];
  const constant = rng.bool();
  const bias = rng.bool() ? [rng.tensor('float32', [channels], { constant })] : [];
  return {
    name: `[${x}] filter [${filter}] ${JSON.stringify(options)}`,
    options,
    inputs: [rng.tensor('float32', x), rng.tensor('float32', filter, { constant }), ...bias],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(41);

export default {
  op: 'CONV_3D',

  reference({ inputs: [x, filter, bias], options }) {
    const [kernel, c, oc] = [filter!.shape.slice(0, 3), filter!.shape[3]!, filter!.shape[4]!];
    const large = x!.shape.slice(1, 4);
    const small = slide3d(options, large, kernel).map((axis) => axis.size);
    const shape = [x!.shape[0]!, ...small, oc];
    const sums = new Float64Array(shape.reduce((a, b) => a * b, 1));
    for (let n = 0; n < shape[0]!; n++) {
      for (const [from, to, tap] of joined(options, large, small, kernel)) {
        const source = (n * pixelsOf(x!.shape) + from) * c;
        const target = (n * pixelsOf(shape) + to) * oc;
        for (let i = 0; i < c; i++) {
          for (let o = 0; o < oc; o++) {
            sums[target + o]! += Number(x!.data[source + i]) * Number(filter!.data[(tap * c + i) * oc + o]);
          }
        }
      }
    }
    const data = Float32Array.from(sums, (sum, i) => {
      return activate(options.fusedActivationFunction, sum + Number(bias?.data[i % oc] ?? 0));
    });
    return [{ shape, data }];
  },

  cases: [
    build(rng, [1, 5, 6, 7, 3], [3, 3, 3], 17, { ...PLAIN, padding: 'SAME' }),
    build(rng, [2, 4, 5, 4, 8], [2, 1, 2], 4, { ...PLAIN, strideD: 2, padding: 'VALID' }),
    build(rng, [2, 2, 3, 5, 6], [1, 1, 1], 9, { ...PLAIN, padding: 'VALID' }),
    build(rng, [1, 6, 5, 9, 2], [2, 2, 3], 3, { ...PLAIN, dilationDFactor: 2, dilationWFactor: 3, padding: 'SAME' }),
    build(rng, [0, 2, 3, 4, 5], [2, 2, 2], 3, { ...PLAIN, padding: 'SAME' }),
    build(rng, [1, 2, 3, 4, 5], [2, 2, 2], 0, { ...PLAIN, padding: 'SAME' }),
  ],

  random(rng) {
    const { kernel, options, sizes } = randomWindow3d(rng);
    return build(rng, [rng.int(1, 2), ...sizes, rng.dim(9)], kernel, rng.dim(19), options);
  },

  // Sums of up to 250 products of up to 16.
  tolerance: () => ({ atol: 4e-4 }),
} satisfies OpSpec as OpSpec;
