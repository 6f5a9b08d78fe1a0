// What the references of CONV_3D and CONV_3D_TRANSPOSE share.
import { elementCount } from '../../bindings/dtype.js';
import type { OperatorOptions } from '../../bindings/model/model.js';
import { indices, position } from './moving.js';
import type { Rng } from './random.js';
import { slide } from './window.js';

const AXES = ['D', 'H', 'W'];

/** Output sizes and leading paddings of a window over the three dimensions `sizes`. */
export function slide3d(options: OperatorOptions, sizes: readonly number[], kernel: readonly number[]) {
  return sizes.map((n, i) => {
    return slide(options, 'h', n, kernel[i]!, options[`stride${AXES[i]}`], options[`dilation${AXES[i]}Factor`]);
  });
}

/** All pairs of a large and a small pixel that a tap joins: the convolution's input and output. */
export function* joined(
  options: OperatorOptions,
  large: readonly number[],
  small: readonly number[],
  kernel: readonly number[],
): Generator<[large: number, small: number, tap: number]> {
  const before = slide3d(options, large, kernel).map((axis) => axis.before);
  for (const at of indices(small)) {
    for (const tap of indices(kernel)) {
      const from = at.map((o, i) => {
        return o * options[`stride${AXES[i]}`] + tap[i]! * options[`dilation${AXES[i]}Factor`] - before[i]!;
      });
      if (from.some((z, i) => z < 0 || z >= large[i]!)) continue;
      yield [position(large, from), position(small, at), position(kernel, tap)];
    }
  }
}

/** Random options of a window over three dimensions, and sizes that it fits in. */
export function randomWindow3d(rng: Rng) {
  const three = (pick: () => number): [number, number, number] => [pick(), pick(), pick()];
  const kernel = three(() => rng.int(1, 3));
  const [strideD, strideH, strideW] = three(() => rng.pick([1, 1, 2, 3]));
  const dilations = three(() => (rng.bool(0.7) ? 1 : 2));
  const options = {
    padding: rng.pick(['SAME', 'VALID']),
    ...{ strideD, strideH, strideW },
    ...{ dilationDFactor: dilations[0], dilationHFactor: dilations[1], dilationWFactor: dilations[2] },
    fusedActivationFunction: rng.pick(['NONE', 'NONE', 'RELU', 'RELU6']),
  };
  return { kernel, options, sizes: kernel.map((k, i) => (k - 1) * dilations[i]! + rng.int(1, 5)) };
}

/** Pixels of an image of rank 5. */
export const pixelsOf = (shape: readonly number[]) => elementCount(shape.slice(1, 4));
