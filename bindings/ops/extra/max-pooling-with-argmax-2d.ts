import { elementCount } from '../../dtype.js';
import type { OpNode, Shape } from '../../graph/ir.js';
import { hostOperator } from '../shared/host.js';
import { windowAxis } from '../shared/window.js';
import { poolOptions } from './pool.js';
import { checkTypes } from './shared.js';

function describe(node: OpNode, [batch, height, width, channels]: Shape) {
  const { padding, strideW, strideH, filterW, filterH, limits } = poolOptions(node);
  const h = windowAxis(node, height!, filterH, strideH, 1, padding);
  const w = windowAxis(node, width!, filterW, strideW, 1, padding);
  return { h, w, limits, shape: [batch!, h.output, w.output, channels!] };
}

/**
 * MediaPipe's pooling that also tells where in its window the largest element is: row times the window's width plus column, and 0.1
 * so that truncation finds it again.
 */
export const maxPoolingWithArgmax2d = hostOperator({
  name: 'MaxPoolingWithArgmax2D',
  check(node) {
    checkTypes(node, ['float32'], ['float32', 'float32']);
    poolOptions(node);
  },
  shapes({ node, inputs }) {
    const { shape } = describe(node, inputs[0]!.shape);
    return [shape, shape];
  },
  run({ node, inputs }) {
    const { h, w, limits, shape } = describe(node, inputs[0]!.shape);
    const x = inputs[0]!.data as Float32Array;
    const channels = shape[3]!;
    const [lo, hi] = limits as [number, number];
    const [data, indices] = [new Float32Array(elementCount(shape)), new Float32Array(elementCount(shape))];
    for (let i = 0; i < data.length; i++) {
      const pixel = Math.floor(i / channels);
      const row = Math.floor(pixel / w.output);
      const n = Math.floor(row / h.output);
      const top = (row - n * h.output) * h.stride - h.padBefore;
      const left = (pixel - row * w.output) * w.stride - w.padBefore;
      // NaN are not larger than this, either.
      let [largest, tap] = [-3.4028234663852886e38, 0];
      for (let ky = Math.max(0, -top); ky < Math.min(h.kernel, h.input - top); ky++) {
        for (let kx = Math.max(0, -left); kx < Math.min(w.kernel, w.input - left); kx++) {
          const v = x[((n * h.input + top + ky) * w.input + left + kx) * channels + (i - pixel * channels)]!;
          if (v > largest) [largest, tap] = [v, ky * w.kernel + kx];
        }
      }
      data[i] = Math.min(Math.max(largest, lo), hi);
      indices[i] = tap + Math.fround(0.1);
    }
    return [
      { shape, data },
      { shape, data: indices },
    ];
  },
});
