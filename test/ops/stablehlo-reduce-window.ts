import { spread } from '../support/interior-pad.js';
import { counting, smallShape } from '../support/moving.js';
import { FUNCTIONS, REDUCED, reducible, slideOver } from '../support/reduce-window.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const BODIES: Record<string, readonly string[]> = {
  ADD: ['STABLEHLO_ADD', 'ADD'],
  MUL: ['STABLEHLO_MULTIPLY', 'MUL'],
  MINIMUM: ['STABLEHLO_MINIMUM', 'MINIMUM'],
  MAXIMUM: ['STABLEHLO_MAXIMUM', 'MAXIMUM'],
  ALL: ['STABLEHLO_AND', 'LOGICAL_AND'],
  ANY: ['STABLEHLO_OR', 'LOGICAL_OR'],
};

const image = (body: string, padding: number[], baseDilations: number[]): OpCase => ({
  name: `${body} padding ${padding} dilated ${baseDilations}`,
  body,
  options: {
    windowDimensions: [1, 3, 2],
    windowStrides: [1, 2, 1],
    baseDilations,
    windowDilations: [1, 1, 2],
    padding,
    bodySubgraphIndex: 0,
  },
  inputs: [counting([2, 5, 9]), { dtype: 'float32', shape: [], data: Float32Array.of(3) }],
  outputs: [{ dtype: 'float32', shape: [] }],
});

/** x, dilated and padded with the initial value, by windows; what is padded counts. */
export default {
  op: 'STABLEHLO_REDUCE_WINDOW',

  reference({ inputs: [x, init], options, body }) {
    const { baseDilations, padding } = options;
    // Lists may be longer than need be.
    const windows = [options.windowDimensions, options.windowStrides, options.windowDilations].map((list: number[]) =>
      list.slice(0, x!.shape.length),
    ) as [number[], number[], number[]];
    const low = x!.shape.map((_, d) => padding[2 * d] ?? 0);
    const high = x!.shape.map((_, d) => padding[2 * d + 1] ?? 0);
    const between = x!.shape.map((_, d) => (baseDilations[d] ?? 1) - 1);
    const padded = spread(x!, init!, low, high, between, false);
    const operation = FUNCTIONS.find((name) => BODIES[name]!.includes(body!))!;
    return [slideOver({ ...x!, ...padded }, init!, operation, ...windows)];
  },

  cases: [
    image('STABLEHLO_ADD', [0, 0, 1, 2, 2, 0], [1, 1, 1]),
    image('STABLEHLO_MAXIMUM', [0, 0, -1, 2, 0, -2], [1, 2, 3]),
    image('MINIMUM', [0, 0, 0, 0, 3, 3], [1, 1, 1]),
  ],

  random(rng) {
    const rank = rng.int(1, 6);
    const dtype = rng.pick(REDUCED);
    const shape = smallShape(rng, rank).map((n) => Math.max(1, n));
    const some = (most: number) => shape.map(() => (rng.bool() ? 1 : rng.int(1, most)));
    const body = rng.pick(Object.values(BODIES).flat());
    const padding = shape.flatMap((n) => {
      if (rng.bool()) return [0, 0];
      const low = rng.int(-Math.min(2, n - 1), 3);
      return [low, rng.int(low < 0 ? 0 : -Math.min(2, n - 1), 3)];
    });
    const options = {
      windowDimensions: some(3),
      windowStrides: some(3),
      baseDilations: some(3),
      windowDilations: some(2),
      padding,
      bodySubgraphIndex: 0,
    };
    return {
      name: `${dtype} ${shape} ${body} ${JSON.stringify(options)}`,
      body,
      options,
      inputs: [reducible(rng, dtype, shape), rng.tensor(dtype, [])],
      outputs: [{ dtype, shape: [] }],
    };
  },

  tolerance: () => ({ rtol: 0, atol: 0, lsb: 0 }),
} satisfies OpSpec as OpSpec;
