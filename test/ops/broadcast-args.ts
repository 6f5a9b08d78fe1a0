import { typedArrayOf } from '../../bindings/dtype.js';
import { int32, unchanged } from '../support/moving.js';
import type { OpSpec, TensorSpec } from '../support/spec.js';

/** Aligned at the end, dimensions of 1 become those of the other shape. */
export default {
  op: 'BROADCAST_ARGS',
  tolerance: unchanged,

  reference({ inputs: [a, b] }) {
    const rank = Math.max(a!.data.length, b!.data.length);
    const [p, q] = [a!, b!].map(({ data }) => [
      ...new Array(rank - data.length).fill(1),
      ...Array.from(data as ArrayLike<number>, Number),
    ]);
    const dims = p!.map((n, d) => (n === 1 ? q![d] : n));
    const { dtype } = a!;
    return [
      {
        shape: [rank],
        data: new (typedArrayOf(dtype))(rank).map((_, d) => (dtype === 'int64' ? BigInt(dims[d]) : dims[d]) as never),
      },
    ];
  },

  cases: [
    { name: 'with a scalar', inputs: [int32([]), int32([3, 1])], outputs: [{ dtype: 'int32', shape: [] }] },
    { name: 'with an empty tensor', inputs: [int32([0, 3]), int32([1, 1])], outputs: [{ dtype: 'int32', shape: [] }] },
  ],

  random(rng) {
    const shape = Array.from({ length: rng.int(0, 5) }, () => rng.int(1, 5));
    const dtype = rng.pick(['int32', 'int64'] as const);
    const part = (): TensorSpec => {
      const dims = shape.slice(rng.int(0, shape.length)).map((n) => (rng.bool(0.3) ? 1 : n));
      const data = dtype === 'int32' ? Int32Array.from(dims) : BigInt64Array.from(dims.map(BigInt));
      return { dtype, shape: [dims.length], data, constant: rng.bool() };
    };
    const inputs = [part(), part()];
    return {
      name: `${dtype} ${inputs.map(({ data }) => `[${data}]`)}`,
      inputs,
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
