// The case generator that RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share.
import type { DType } from '../../bindings/dtype.js';
import { Rng } from './random.js';
import type { OpCase } from './spec.js';

function build(
  rng: Rng,
  dtype: DType,
  shape: readonly number[],
  [height, width]: readonly [number, number],
  options: object,
): OpCase {
  const integer = dtype === 'int8' || dtype === 'uint8' || dtype === 'int16';
  const quantization = integer ? { quantization: rng.quantization(dtype) } : {};
  const size = { dtype: 'int32', shape: [2], data: Int32Array.of(height, width), constant: rng.bool(0.7) } as const;
  return {
    name: `${dtype} ${shape} to ${height}x${width} ${JSON.stringify(options)}`,
    options: { alignCorners: false, halfPixelCenters: false, ...options },
    inputs: [rng.tensor(dtype, shape, quantization), size],
    outputs: [{ dtype, shape: [], ...quantization }],
  };
}

/** Fixed and random cases over these dtypes and options. */
export function resizeCases(dtypes: readonly DType[], options: readonly object[]) {
  return {
    cases: dtypes.flatMap((dtype) => {
      const rng = new Rng(5);
      return options.flatMap((option) => [
        build(rng, dtype, [1, 3, 4, 16], [6, 8], option),
        build(rng, dtype, [2, 5, 7, 9], [2, 13], option),
        build(rng, dtype, [1, 1, 1, 3], [4, 3], option),
        build(rng, dtype, [1, 4, 4, 8], [32, 32], option),
        build(rng, dtype, [1, 3, 3, 21], [17, 33], option),
        build(rng, dtype, [1, 2, 4, 16], [8, 32], option),
        build(rng, dtype, [1, 3, 5, 21], [17, 9], option),
        build(rng, dtype, [2, 3, 2, 3], [6, 4], option),
      ]);
    }),
    random(rng: Rng) {
      const shape = [rng.pick([1, 1, 2]), rng.int(1, 9), rng.int(1, 9), rng.dim(20)];
      return build(rng, rng.pick(dtypes), shape, [rng.int(1, 20), rng.int(1, 20)], rng.pick(options));
    },
  };
}
