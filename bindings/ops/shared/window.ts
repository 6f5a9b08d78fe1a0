import { badShape, invalid, type OpNode } from '../../graph/ir.js';

/** One spatial axis of a sliding window (convolution, pooling), in elements. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first element; may be larger than needed after a PAD was folded in. */
  readonly padBefore: number;
}

/** Padding on all four sides, put into `options.pads` by the PAD-folding rewrite (with `padding: 'EXPLICIT'`). */
export interface Pads {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

const MAX_WINDOW = 2 ** 24;

/**
 * Output size and leading padding of a window axis, as TFLite's ComputeOutSize and ComputePaddingHeightWidth.
 * @param explicit padding before and after, for `padding: 'EXPLICIT'`
 */
export function windowAxis(
  node: OpNode,
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: string,
  explicit?: readonly [before: number, after: number],
): WindowAxis {
  const effective = (kernel - 1) * dilation + 1;
  // Kernels count in 32 bits.
  if (!(kernel > 0 && stride > 0 && dilation > 0 && Math.max(effective, stride) <= MAX_WINDOW)) {
    throw invalid(
      node,
      `window ${kernel}, stride ${stride} and dilation ${dilation} must be positive and at most 2^24`,
    );
  }
  const axis = { input, kernel, stride, dilation };
  if (padding === 'SAME') {
    const output = Math.floor((input + stride - 1) / stride);
    const total = Math.max(0, (output - 1) * stride + effective - input);
    return { ...axis, output, padBefore: total >> 1 };
  }
  const [before, after] = padding === 'EXPLICIT' && explicit ? explicit : [0, 0];
  // Without a -0.
  const output = Math.trunc((before + input + after - effective + stride) / stride) || 0;
  if (output < 0) {
    throw badShape(node, `a window of ${effective} does not fit into ${input} elements without padding`);
  }
  return { ...axis, output, padBefore: before };
}

/** Along the height and the width of NHWC images. */
export interface Window2d {
  readonly h: WindowAxis;
  readonly v: WindowAxis;
}

/** Images of one column, as audio has them, as images of one row: the bytes are the same, and kernels work along rows. */
export function inOneRow<T extends Window2d>(g: T): T {
  const { h, v } = g;
  return v.input === 1 && v.kernel === 1 && v.output === 1 ? { ...g, h: v, v: h } : g;
}

/** Height and width of a window over an NHWC input. */
export function window2d(
  node: OpNode,
  [, height, width]: readonly number[],
  kernelHeight: number,
  kernelWidth: number,
): Window2d {
  const { strideH, strideW, dilationHFactor = 1, dilationWFactor = 1, padding, pads } = node.options;
  return {
    h: windowAxis(node, height!, kernelHeight, strideH, dilationHFactor, padding, pads && [pads.top, pads.bottom]),
    v: windowAxis(node, width!, kernelWidth, strideW, dilationWFactor, padding, pads && [pads.left, pads.right]),
  };
}
