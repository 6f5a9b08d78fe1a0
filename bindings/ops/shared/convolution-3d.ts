// Float convolutions over depth, height and width, and back.
import { checkShape, count, type OpNode, unsupported, type Value } from '../../graph/ir.js';
import { type WindowAxis, windowAxis } from './window.js';

/** The filter's three window axes over an NDHWC image of `shape`. */
export function window3d(node: OpNode, shape: readonly number[], filter: Value): readonly WindowAxis[] {
  const { options } = node;
  return ['D', 'H', 'W'].map((axis, i) => {
    const [stride, dilation] = [options[`stride${axis}`], options[`dilation${axis}Factor`] ?? 1];
    return windowAxis(node, shape[i + 1]!, filter.shape[i]!, stride, dilation, options.padding);
  });
}

/** Arguments of the kernels for strides, dilations and padding. */
export const windowArgs3d = (axes: readonly WindowAxis[]) =>
  [...axes.map((a) => a.stride), ...axes.map((a) => a.dilation), ...axes.map((a) => a.padBefore)] as unknown as [
    ...[number, number, number],
    ...[number, number, number],
    ...[number, number, number],
  ];

/** Types and ranks; the filter's dimension `depth` is that of the input's channels, the bias has one element for each of the other. */
export function checkConvolution3d(node: OpNode, x: Value, filter: Value, bias: Value | null, y: Value, depth: 3 | 4) {
  for (const value of [x, filter, bias, y]) {
    if (value && value.dtype !== 'float32') throw unsupported(node, `tensor of type ${value.dtype}`);
  }
  checkShape(node, x.shape.length === 5 && filter.shape.length === 5 && x.shape[4] === filter.shape[depth], () => {
    return `filter [${filter.shape}] does not fit input [${x.shape}]`;
  });
  const channels = filter.shape[7 - depth]!;
  checkShape(node, !bias || count(bias) === channels, () => `bias [${bias!.shape}] for ${channels} channels`);
}
