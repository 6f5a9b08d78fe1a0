import { elementCount } from '../../dtype.js';
import { badShape, input, invalid, type OpNode, output, type Shape, unsupported } from '../../graph/ir.js';
import { hostOperator } from '../shared/host.js';
import { poolOptions } from './pool.js';

/** Where MediaPipe puts an element: floats that count within the window, on a grid of windows. */
function byTaps(node: OpNode, [batch, height, width, channels]: Shape) {
  const { strideW, strideH, filterW, filterH } = poolOptions(node);
  const shape = [batch!, height! * filterH, width! * filterW, channels!];
  const pad = (size: number, filter: number, stride: number) =>
    Math.max(0, (size - 1) * stride + filter - size * filter) >> 1;
  const [top, left] = [pad(height!, filterH, strideH), pad(width!, filterW, strideW)];
  const place = (tap: number, n: number, y: number, x: number, c: number) => {
    const oy = y * strideH - top + Math.trunc(tap / filterW);
    const ox = x * strideW - left + (tap % filterW);
    const inside = oy >= 0 && oy < shape[1]! && ox >= 0 && ox < shape[2]!;
    return inside ? ((n * shape[1]! + oy) * shape[2]! + ox) * channels! + c : -1;
  };
  return { shape, place };
}

/** Where TensorFlow's MaxUnpool2D does: int32 that count within the output image. */
function byPositions(node: OpNode, [batch, height, width, channels]: Shape) {
  const { padding, strideW, strideH, filterW, filterH } = poolOptions(node);
  const size = (n: number, filter: number, stride: number) =>
    padding === 'SAME' ? n * stride : (n - 1) * stride + filter;
  const shape = [batch!, size(height!, filterH, strideH), size(width!, filterW, strideW), channels!];
  const image = elementCount(shape.slice(1));
  const place = (index: number, n: number) => (index >= 0 && index < image ? n * image + index : -1);
  return { shape, place };
}

const describe = (node: OpNode, shape: Shape) =>
  (input(node, 1).dtype === 'float32' ? byTaps : byPositions)(node, shape);

/** Puts elements back where a pooling found them, zeros elsewhere. Two operators have this name; their indices' types tell them apart. */
const unpooling = (name: string) =>
  hostOperator({
    name,
    check(node) {
      const [x, indices, y] = [input(node, 0), input(node, 1), output(node)];
      if (x.dtype !== 'float32' || y.dtype !== 'float32') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
      if (indices.dtype !== 'float32' && indices.dtype !== 'int32')
        throw unsupported(node, `indices of ${indices.dtype}`);
      if (`${x.shape}` !== `${indices.shape}`) throw badShape(node, `[${x.shape}] and [${indices.shape}] differ`);
      poolOptions(node);
    },
    shapes({ node, inputs }) {
      const { shape } = describe(node, inputs[0]!.shape);
      if (shape.some((n) => n < 0)) throw badShape(node, `an output of [${shape}]`);
      return [shape];
    },
    run({ node, inputs }) {
      const [x, indices] = [inputs[0]!, inputs[1]!];
      const { shape, place } = describe(node, x.shape);
      const [, height, width, channels] = x.shape as [number, number, number, number];
      const data = new Float32Array(elementCount(shape));
      for (let i = 0; i < x.data.length; i++) {
        const pixel = Math.floor(i / channels);
        const row = Math.floor(pixel / width);
        const n = Math.floor(row / height);
        const index = Math.trunc(Number(indices.data[i]));
        const at = place(index, n, row - n * height, pixel - row * width, i - pixel * channels);
        if (!(at >= 0)) throw invalid(node, `index ${index} is outside the output [${shape}]`);
        data[at] = x.data[i] as number;
      }
      return [{ shape, data }];
    },
  });

export const maxUnpooling2d = unpooling('MaxUnpooling2D');
export const liteRtMaxUnpooling2d = unpooling('LiteRtMaxUnpooling2D');
