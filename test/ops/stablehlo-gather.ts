import { counting, element, int32, movable, tensorOf, unchanged } from '../support/moving.js';
import type { OpSpec } from '../support/spec.js';
import { inTensor, randomWindows, startOf } from '../support/windows.js';

/** One window for each point of the indices, moved so far that it is inside. */
export default {
  op: 'STABLEHLO_GATHER',
  tolerance: unchanged,

  reference({ inputs: [x, indices], options }) {
    const { offsetDims, collapsedSliceDims, startIndexMap, indexVectorDim, sliceSizes } = options;
    const points = indices!.shape.filter((_, d) => d !== indexVectorDim);
    const window = sliceSizes.filter((_: number, d: number) => !collapsedSliceDims.includes(d));
    const rank = x!.shape.length;
    const shape: number[] = [];
    for (let d = 0, p = 0, w = 0; d < points.length + window.length; d++) {
      shape.push(offsetDims.includes(d) ? window[w++] : points[p++]);
    }
    return [
      tensorOf(x!.dtype, shape, (index) => {
        const point = index.filter((_, d) => !offsetDims.includes(d));
        const inWindow = index.filter((_, d) => offsetDims.includes(d));
        const start = startOf(indices!, point, indexVectorDim, startIndexMap, rank);
        const offset = inTensor(inWindow, collapsedSliceDims, rank);
        return element(
          x!,
          offset.map((o, d) => o + Math.max(0, Math.min(start[d]!, x!.shape[d]! - sliceSizes[d]))),
        );
      }),
    ];
  },

  cases: [
    {
      name: 'rows, of which some are not there',
      options: { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0], indexVectorDim: 1, sliceSizes: [1, 3] },
      inputs: [counting([5, 3]), int32([4, -1, 9, 2], [4, 1])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const { shape, sizes, collapsed, windowDims, map, vectorDim, indices } = randomWindows(rng, 2);
    const x = movable(rng, shape);
    return {
      name: `${x.dtype} ${sizes} of ${shape} by ${indices.shape}`,
      options: {
        ...{ offsetDims: windowDims, collapsedSliceDims: collapsed, startIndexMap: map },
        ...{ indexVectorDim: vectorDim, sliceSizes: sizes },
      },
      inputs: [x, indices],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
