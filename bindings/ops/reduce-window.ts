import { windowReduction } from './shared/reduce-window.js';
import { vector } from './shared/strided-copy.js';

/** Window, strides and dilations are inputs; nothing is padded. */
export const reduceWindow = windowReduction(
  'REDUCE_WINDOW',
  (node, known, rank) => {
    const [windows, strides, dilations] = [2, 3, 4].map((i) => vector(node, known, i, rank));
    return Array.from({ length: rank }, (_, d) => {
      return { window: windows![d]!, stride: strides![d]!, dilation: dilations![d]!, base: 1, low: 0, high: 0 };
    });
  },
  (node) => node.options.reduceFunction,
);
