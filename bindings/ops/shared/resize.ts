import { elementSize } from '../../dtype.js';
import { badShape, checkShape, input, invalid, type OpNode, output, unsupported } from '../../graph/ir.js';
import type { Known, Shape } from '../operator.js';

/** Output shape of RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR, whose second input holds the new height and width, of `least` or more. */
export function resizedShape(node: OpNode, known: Known, supported: (dtype: string) => boolean, least = 1): Shape {
  const [x, size, y] = [input(node, 0), input(node, 1), output(node)];
  if (!supported(x.dtype) || y.dtype !== x.dtype) throw unsupported(node, `dtypes ${x.dtype} to ${y.dtype}`);
  const [, h = 0, w = 0] = x.shape;
  checkShape(node, x.shape.length === 4 && h * w > 0, () => `expected pixels [n, h, w, c], found [${x.shape}]`);
  if (size.dtype !== 'int32') throw invalid(node, `the new size must be int32, not ${size.dtype}`);
  const [height, width, ...rest] = known.values(size);
  if (!(height! >= least && width! >= least) || rest.length) {
    throw badShape(node, `the new size [${[height, width, ...rest]}] must be two numbers of ${least} or more`);
  }
  return [x.shape[0]!, height!, width!, x.shape[3]!];
}

/** Kernel arguments from the input's height on; `pixel` is in the kernel's own unit. */
export function resizeArgs(node: OpNode, pixel: number) {
  const [, ih, iw] = input(node, 0).shape as [number, number, number, number];
  const [, oh, ow] = output(node).shape as [number, number, number, number];
  const { alignCorners = false, halfPixelCenters = false } = node.options;
  return [ih, iw, pixel, oh, ow, Number(alignCorners), Number(halfPixelCenters)] as const;
}

/** How many fraction bits the positions in height and width have, at least one; Infinity if they are not exact in all arithmetics. */
export function fractionBits(node: OpNode): [number, number] {
  const { alignCorners, halfPixelCenters } = node.options;
  const bits = (axis: number) => {
    const [from, to] = [input(node, 0).shape[axis]!, output(node).shape[axis]!];
    const [n, d] = alignCorners && to > 1 ? [from - 1, to - 1] : [from, to];
    let k = halfPixelCenters ? 1 : 0;
    for (let whole = n; whole % d; whole *= 2) if (++k > 8) return Infinity;
    return Math.max(from, to) < 65536 ? Math.max(k, 1) : Infinity;
  };
  return [bits(1), bits(2)];
}

/** Bytes of one pixel. */
export function pixelBytes(node: OpNode): number {
  const { dtype, shape } = input(node, 0);
  return elementSize(dtype) * shape[3]!;
}
