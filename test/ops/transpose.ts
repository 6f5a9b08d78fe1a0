import type { DType } from '../../bindings/dtype.js';
import {
  element,
  int32,
  ints,
  movable,
  shuffled,
  smallShape,
  steering,
  tensorOf,
  unchanged,
  unpacked,
} from '../support/moving.js';
import { PACKED } from '../support/packed.js';
import { Rng } from '../support/random.js';
import type { OpCase, OpSpec } from '../support/spec.js';

/** Tiles are 8×8 bytes, 4×4 halves and words: sizes below, at and above them. */
function matrix(dtype: DType, rows: number, columns: number): OpCase {
  const x = new Rng(rows * 100 + columns).tensor(dtype, [rows, columns]);
  return { name: `${dtype} ${rows}x${columns}`, inputs: [x, int32([1, 0])], outputs: [{ dtype, shape: [] }] };
}

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 33];

/** y[index] = x[index'], where index' has at perm[d] what index has at d. */
export default {
  op: 'TRANSPOSE',
  tolerance: unchanged,

  reference({ inputs: [x, permTensor] }) {
    const rank = x!.shape.length;
    const perm = ints(permTensor!).map((p) => (p + rank) % rank);
    const shape = perm.map((p) => x!.shape[p]!);
    return [
      unpacked(x!, (x) =>
        tensorOf(x.dtype, shape, (index) =>
          element(
            x,
            x.shape.map((_, d) => index[perm.indexOf(d)]!),
          ),
        ),
      ),
    ];
  },

  cases: [
    ...(['int8', 'float16', 'float32', 'int64'] as const).flatMap((dtype) =>
      SIZES.flatMap((rows) => SIZES.map((columns) => matrix(dtype, rows, columns))),
    ),
    ...PACKED.flatMap((dtype) => [matrix(dtype, 1, 1), matrix(dtype, 3, 5), matrix(dtype, 9, 17)]),
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(0, 6));
    if (shape.length && rng.bool(0.3)) shape[rng.int(0, shape.length - 1)] = rng.dim();
    const perm = shuffled(
      rng,
      shape.map((_, d) => d),
    ).map((p) => (rng.bool(0.1) ? p - shape.length : p));
    const x = rng.bool(0.2) ? rng.tensor(rng.pick(PACKED), shape) : movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} by ${perm}`,
      inputs: [x, steering(rng, perm)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
