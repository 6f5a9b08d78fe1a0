import { elementCount } from '../../bindings/dtype.js';
import { int32, ints, smallShape } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** y[bucket] is the sum of weighted rows, divided by the combiner's norm whenever elements of another bucket follow. */
export default {
  op: 'EMBEDDING_LOOKUP_SPARSE',

  reference({ inputs: [ids, indices, dense, weights, table], options }) {
    const outer = ints(dense!).slice(0, -1);
    const rank = outer.length + 1;
    const shape = [...outer, ...table!.shape.slice(1)];
    const n = elementCount(table!.shape.slice(1));
    const data = new Float32Array(elementCount(shape));
    const all = ints(indices!);
    let current = -1;
    let norm = 0;
    const finish = () => {
      const by = { SUM: 1, MEAN: norm, SQRTN: Math.sqrt(norm) }[options.combiner as 'SUM'];
      for (let k = 0; k < n && current >= 0; k++) data[current * n + k]! /= by;
    };
    for (const [i, id] of ints(ids!).entries()) {
      const bucket = outer.reduce((at, size, d) => at * size + all[i * rank + d]!, 0);
      const w = weights!.data[i] as number;
      if (bucket !== current) {
        finish();
        [current, norm] = [bucket, 0];
      }
      norm += options.combiner === 'MEAN' ? w : w * w;
      for (let k = 0; k < n; k++) data[bucket * n + k]! += (table!.data[id * n + k] as number) * w;
    }
    finish();
    return [{ shape, data }];
  },

  tolerance: () => ({ rtol: 1e-4, atol: 1e-4 }),

  cases: [],

  random(rng) {
    const outer = Array.from({ length: rng.int(1, 2) }, () => rng.int(1, 4));
    const dense = [...outer, 4];
    const table = rng.tensor('float32', [rng.int(1, 5), ...smallShape(rng, rng.int(1, 2))]);
    const buckets = elementCount(outer);
    const order = Array.from({ length: rng.int(0, 8) }, () => rng.int(0, buckets - 1)).sort((a, b) => a - b);
    const indices = order.flatMap((b, i) => [
      ...(outer.length === 1 ? [b] : [Math.floor(b / outer[1]!), b % outer[1]!]),
      i % 4,
    ]);
    const ids = order.map(() => rng.int(0, table.shape[0]! - 1));
    const combiner = rng.pick(['SUM', 'MEAN', 'SQRTN']);
    const weights = Float32Array.from(order, () => rng.uniform(0.2, 2));
    return {
      name: `${combiner} of ${table.shape} in ${dense}: ${order}`,
      options: { combiner },
      inputs: [
        { ...int32(ids), constant: false },
        { ...int32(indices, [ids.length, dense.length]), constant: false },
        { ...int32(dense), constant: rng.bool() },
        { dtype: 'float32', shape: [ids.length], data: weights },
        table,
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
