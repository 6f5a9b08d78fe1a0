import type { OperatorOptions } from '../../bindings/model/model.js';
import { int32, ints } from '../support/moving.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';
import { activate } from '../support/window.js';
import { joined, pixelsOf, randomWindow3d, slide3d } from '../support/window-3d.js';

const PLAIN = { strideD: 1, strideH: 1, strideW: 1, dilationDFactor: 1, dilationHFactor: 1, dilationWFactor: 1 };

/** `sizes` are those of the output. */
function build(
  rng: Rng,
  batch: number,
  sizes: number[],
  kernel: number[],
  [c, oc]: readonly [number, number],
  options: OperatorOptions,
): OpCase {
  const shape = [batch, ...sizes, oc];
  const x = [batch, ...slide3d(options, sizes, kernel).map((axis) => axis.size), c];
  const filter = [...kernel, oc, c];
  const bias = rng.bool() ? [rng.tensor('float32', [oc])] : [];
  return {
    name: `[${x}] filter [${filter}] to [${shape}] ${JSON.stringify(options)}`,
    options,
    inputs: [
      { ...int32(shape), constant: rng.bool() },
      rng.tensor('float32', filter),
      rng.tensor('float32', x),
      ...bias,
    ],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(42);

/** Each input pixel is spread over the outputs that the convolution back from them would have it of. */
export default {
  op: 'CONV_3D_TRANSPOSE',

  reference({ inputs: [size, filter, x, bias], options }) {
    const shape = ints(size!);
    const [kernel, oc, c] = [filter!.shape.slice(0, 3), filter!.shape[3]!, filter!.shape[4]!];
    const sums = new Float64Array(shape.reduce((a, b) => a * b, 1));
    for (let n = 0; n < shape[0]!; n++) {
      for (const [to, from, tap] of joined(options, shape.slice(1, 4), x!.shape.slice(1, 4), kernel)) {
        const source = (n * pixelsOf(x!.shape) + from) * c;
        const target = (n * pixelsOf(shape) + to) * oc;
        for (let o = 0; o < oc; o++) {
          for (let i = 0; i < c; i++) {
            sums[target + o]! += Number(x!.data[source + i]) * Number(filter!.data[(tap * oc + o) * c + i]);
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
    build(rng, 1, [5, 6, 7], [3, 3, 3], [3, 9], { ...PLAIN, padding: 'SAME' }),
    build(rng, 2, [4, 6, 4], [2, 3, 2], [8, 4], { ...PLAIN, strideD: 2, strideH: 3, strideW: 2, padding: 'VALID' }),
    build(rng, 1, [7, 8, 9], [2, 3, 2], [5, 2], { ...PLAIN, dilationDFactor: 2, strideW: 2, padding: 'SAME' }),
  ],

  random(rng) {
    const { kernel, options, sizes } = randomWindow3d(rng);
    return build(rng, rng.int(1, 2), sizes, kernel, [rng.dim(19), rng.dim(9)], options);
  },

  // Sums of up to 500 products of up to 16.
  tolerance: () => ({ atol: 5e-4 }),
} satisfies OpSpec as OpSpec;
