// The reference and the cases that MAX_POOL_2D, AVERAGE_POOL_2D and L2_POOL_2D share.
import type { DType } from '../../bindings/dtype.js';
import { roundAway } from '../../bindings/quantization.js';
import { halvesTolerance, withHalves } from './halves.js';
import { isFloat } from './matrix.js';
import { Rng } from './random.js';
import type { OpCase, OpSpec, ReferenceNode } from './spec.js';
import { activate, activateQuantized, at, empty, randomWindow, slide } from './window.js';

/** What an activation of nothing looks at in integers that are not quantized. */
const NONE = { scale: [1], zeroPoint: [0] };

/**
 * @param combine the elements of a window that lie inside the input to one number; integers are rounded half away from zero
 */
export function poolSpec(op: string, dtypes: readonly DType[], combine: (elements: number[]) => number): OpSpec {
  function reference({ inputs, outputs, options }: ReferenceNode) {
    const x = inputs[0]!;
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const { filterHeight, filterWidth, strideH, strideW, fusedActivationFunction: activation } = options;
    const v = slide(options, 'h', height, filterHeight, strideH);
    const h = slide(options, 'w', width, filterWidth, strideW);
    const shape = [batch, v.size, h.size, channels];
    const data = empty(x.dtype, batch * v.size * h.size * channels);
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < v.size; oy++) {
        for (let ox = 0; ox < h.size; ox++) {
          for (let c = 0; c < channels; c++) {
            const elements: number[] = [];
            for (let iy = oy * strideH - v.before; iy < oy * strideH - v.before + filterHeight; iy++) {
              for (let ix = ox * strideW - h.before; ix < ox * strideW - h.before + filterWidth; ix++) {
                if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
                elements.push(Number(x.data[at(x.shape, n, iy, ix, c)]));
              }
            }
            const result = combine(elements);
            data[at(shape, n, oy, ox, c)] =
              x.dtype === 'float32'
                ? activate(activation, result)
                : activateQuantized(activation, x.dtype, outputs[0]!.quantization ?? NONE, roundAway(result));
          }
        }
      }
    }
    return [{ shape, data }];
  }

  function build(
    rng: Rng,
    dtype: DType,
    shape: readonly number[],
    filter: readonly number[],
    options: object,
    quantized = true,
  ): OpCase {
    const quantization = isFloat(dtype) || !quantized ? undefined : rng.quantization(dtype, 8);
    const x = rng.tensor(dtype, shape, quantization && { quantization });
    return {
      name: `${dtype} ${shape} window ${filter} ${JSON.stringify(options)}`,
      options: { ...options, filterHeight: filter[0], filterWidth: filter[1] },
      inputs: [x],
      outputs: [{ dtype, shape: [], ...(quantization && { quantization }) }],
    };
  }

  return {
    op,
    reference: withHalves(reference),
    cases: dtypes.flatMap((dtype) => {
      const rng = new Rng(3);
      const plain = { padding: 'VALID', strideH: 1, strideW: 1, fusedActivationFunction: 'NONE' };
      return [
        build(rng, dtype, [1, 7, 7, 37], [7, 7], plain),
        build(rng, dtype, [2, 6, 7, 16], [2, 2], { ...plain, strideH: 2, strideW: 2 }),
        build(rng, dtype, [1, 5, 4, 85], [3, 3], { ...plain, padding: 'SAME', strideH: 2, strideW: 2 }),
        build(rng, dtype, [1, 2, 3, 9], [5, 5], { ...plain, padding: 'SAME', fusedActivationFunction: 'RELU6' }),
        build(rng, dtype, [1, 4, 5, 3], [2, 2], plain, false),
        build(rng, dtype, [1, 2, 5, 3], [3, 2], { ...plain, strideH: 2 }),
      ];
    }),
    random(rng) {
      const { kernel, options, height, width } = randomWindow(rng, false);
      return build(rng, rng.pick(dtypes), [rng.pick([1, 1, 2]), height, width, rng.dim()], kernel, options);
    },
    // Nothing is requantized, so `fast` has nothing to round differently.
    tolerance: halvesTolerance(() => ({ lsb: 0, rtol: 1e-5, atol: 1e-6 })),
  };
}
