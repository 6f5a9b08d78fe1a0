import {
  counting,
  element,
  int32,
  ints,
  movable,
  smallShape,
  steering,
  tensorOf,
  unchanged,
} from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';

/** Along each axis named, position i is read at n - 1 - i. */
export default {
  op: 'REVERSE_V2',
  tolerance: unchanged,

  reference({ inputs: [x, axesTensor] }) {
    const { shape } = x!;
    const axes = ints(axesTensor!).map((a) => (a + shape.length) % shape.length);
    const read = (i: number, d: number) => (axes.includes(d) ? shape[d]! - 1 - i : i);
    return [tensorOf(x!.dtype, shape, (index) => element(x!, index.map(read)))];
  },

  cases: [
    { name: 'rows', inputs: [counting([3, 20]), int32([0])], outputs: [{ dtype: 'float32', shape: [] }] },
    { name: 'all', inputs: [counting([3, 20]), int32([0, -1])], outputs: [{ dtype: 'float32', shape: [] }] },
  ],

  random(rng) {
    const shape = smallShape(rng, rng.int(1, 5));
    const axes = shape.flatMap((_, d) => (rng.bool() ? [rng.bool() ? d : d - shape.length] : []));
    const x = movable(rng, shape);
    return {
      name: `${x.dtype} ${shape} along ${axes}`,
      inputs: [x, steering(rng, axes)],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
