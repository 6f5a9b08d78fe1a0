import { badShape, checkShape, count, input, type Known, type OpNode, output } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { type Axis, type Movement, movement, steps } from './strided-copy.js';
import { fill } from './striding.js';

/** Elements before, after and between those of one dimension; negative ones before and after are taken away. */
export interface InteriorPad {
  readonly low: number;
  readonly high: number;
  readonly interior: number;
}

/** DILATE and STABLEHLO_PAD: elements of input 0 spread over an output of the value in input `value`. */
export function interiorPadding(
  name: string,
  value: number,
  pads: (node: OpNode, known: Known, rank: number) => readonly InteriorPad[],
): Operator {
  return movement(name, (node, known): Movement => {
    const [x, from, to] = [input(node, 0), input(node, value), output(node)];
    checkShape(node, count(from) === 1, () => `the padding value must be one element, not [${from.shape}]`);
    const axes = pads(node, known, x.shape.length);
    let shape = x.shape.map((n, d) => {
      const { low, high, interior } = axes[d]!;
      // An empty dimension loses what would be between elements, which StableHLO leaves and TFLite does not.
      return low + (n - 1) * (interior + 1) + 1 + high;
    });
    // As TFLite has it, a dimension of which nothing is left leaves nothing of the others.
    if (shape.some((n) => n <= 0)) shape = shape.map(() => 0);
    if (!shape.every((n) => n < 2 ** 31)) throw badShape(node, `an output of [${shape}]`);
    const [xs, ys] = [steps(x.shape), steps(shape)];
    let [fromOffset, toOffset] = [0, 0];
    const grid = x.shape.map((n, d): Axis => {
      const { low, high, interior } = axes[d]!;
      const step = interior + 1;
      const first = Math.ceil(Math.max(0, -low) / step);
      const last = n - 1 - Math.ceil(Math.max(0, -high) / step);
      fromOffset += first * xs[d]!;
      toOffset += (low + first * step) * ys[d]!;
      return [Math.max(0, last - first + 1), xs[d]!, step * ys[d]!];
    });
    const moves = [fill(from, to, shape)];
    if (shape.every((n) => n > 0)) moves.push({ from: x, to, axes: grid, fromOffset, toOffset });
    return { shapes: [shape], moves, overlapping: true };
  });
}
