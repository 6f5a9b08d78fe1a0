import { indices as allIndices, counting, int32, position } from '../support/moving.js';
import { COMBINABLE, type Combination, combineAt } from '../support/scatter.js';
import type { OpSpec } from '../support/spec.js';
import { inTensor, randomWindows, startOf } from '../support/windows.js';

const REGIONS: Readonly<Record<string, Combination>> = {
  '': 'write',
  STABLEHLO_ADD: 'add',
  STABLEHLO_MULTIPLY: 'multiply',
  STABLEHLO_MAXIMUM: 'maximum',
  STABLEHLO_MINIMUM: 'minimum',
};

/** y is x; the updates are combined with it in their order, but for those that are outside. */
export default {
  op: 'STABLEHLO_SCATTER',

  reference({ inputs: [x, indices, updates], options, body }) {
    const { updateWindowDims, insertedWindowDims, scatterDimsToOperandDims, indexVectorDim } = options;
    const { dtype, shape } = x!;
    const y = { shape, data: x!.data.slice() };
    for (const [u, index] of allIndices(updates!.shape).entries()) {
      const point = index.filter((_, d) => !updateWindowDims.includes(d));
      const inWindow = index.filter((_, d) => updateWindowDims.includes(d));
      const start = startOf(indices!, point, indexVectorDim, scatterDimsToOperandDims, shape.length);
      const to = inTensor(inWindow, insertedWindowDims, shape.length).map((o, d) => o + start[d]!);
      if (to.some((i, d) => i < 0 || i >= shape[d]!)) continue;
      combineAt(y, dtype, position(shape, to), updates!.data[u]!, REGIONS[body ?? '']!);
    }
    return [y];
  },

  cases: [
    {
      name: 'windows that reach beyond both ends',
      options: { updateWindowDims: [1], insertedWindowDims: [], scatterDimsToOperandDims: [0], indexVectorDim: 1 },
      inputs: [counting([6]), { ...int32([-1, 4, 2], [3, 1]), constant: false }, counting([3, 3])],
      outputs: [{ dtype: 'float32', shape: [] }],
      body: 'STABLEHLO_ADD',
    },
  ],

  random(rng) {
    const { shape, collapsed, windowDims, map, vectorDim, indices, dense } = randomWindows(rng, 2);
    const dtype = rng.pick(COMBINABLE);
    const body = rng.pick(Object.keys(REGIONS));
    return {
      name: `${dtype} ${body} ${dense} to ${shape} by ${indices.shape}`,
      options: {
        ...{ updateWindowDims: windowDims, insertedWindowDims: collapsed },
        ...{ scatterDimsToOperandDims: map, indexVectorDim: vectorDim },
      },
      inputs: [rng.tensor(dtype, shape), indices, rng.tensor(dtype, dense)],
      outputs: [{ dtype, shape: [] }],
      body,
    };
  },
} satisfies OpSpec as OpSpec;
