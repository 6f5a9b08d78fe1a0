import { type TypedArray, typedArrayOf } from '../../dtype.js';
import {
  badShape,
  checkShape,
  count,
  input,
  type Known,
  type OpNode,
  optionalInput,
  output,
  type Shape,
  type Value,
} from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { type Axis, type Move, movement, steps, vector } from './strided-copy.js';

/** Elements before and after, per dimension. */
export function paddings(node: OpNode, known: Known, i: number, rank: number): [before: number, after: number][] {
  const flat = vector(node, known, i, 2 * rank);
  if (flat.some((p) => p < 0)) throw badShape(node, `paddings [${flat}] must not be negative`);
  return Array.from({ length: rank }, (_, d) => [flat[2 * d]!, flat[2 * d + 1]!]);
}

/** One element that stands for the real number 0: the zero point of a quantized value. */
export function zeroOf({ dtype, quantization }: Value): TypedArray {
  const zero = new (typedArrayOf(dtype))(dtype.startsWith('complex') ? 2 : 1);
  const zeroPoint = quantization?.zeroPoint[0];
  if (zeroPoint && !(zero instanceof BigInt64Array || zero instanceof BigUint64Array)) zero[0] = zeroPoint;
  return zero;
}

/** What surrounds the input: the one element of input 2, if there is one, quantized as the input is; else zero. */
function surrounding(node: OpNode): Value | TypedArray {
  const value = optionalInput(node, 2);
  checkShape(node, !value || count(value) === 1, () => `a value of shape [${value!.shape}]`);
  return value ?? zeroOf(output(node));
}

/** Elements of padding that are copied together, from a constant as long. */
const SHORT = 64;

/** PAD and PADV2, which one kernel computes in TFLite, too. Slabs of padding cover what lies outside, each point once. */
export function padding(name: string): Operator {
  return movement(name, (node, known) => {
    const x = input(node, 0);
    const to = output(node);
    const pads = paddings(node, known, 1, x.shape.length);
    const shape: Shape = x.shape.map((n, d) => pads[d]![0] + n + pads[d]![1]);
    const xs = steps(x.shape);
    const ys = steps(shape);
    const from = surrounding(node);
    const moves: Move[] = [];
    const inside: Axis[] = [];
    let toOffset = 0;
    for (const [d, n] of x.shape.entries()) {
      const [before, after] = pads[d]!;
      const rest = shape.slice(d + 1).map((m, i): Axis => [m, 0, ys[d + 1 + i]!]);
      const outer = inside.map(([m, , y]): Axis => [m, 0, y]);
      const slab = (first: number, size: number) => {
        const run = size * ys[d]!;
        const short = !('shape' in from) && run <= SHORT;
        moves.push({
          from: short ? new (typedArrayOf(to.dtype))(run * from.length).fill(from[0] as never) : from,
          to,
          axes: short ? [...outer, [run, 1, 1]] : [...outer, [size, 0, ys[d]!], ...rest],
          toOffset: toOffset + first * ys[d]!,
        });
      };
      slab(0, before);
      slab(before + n, after);
      inside.push([n, xs[d]!, ys[d]!]);
      toOffset += before * ys[d]!;
    }
    moves.push({ from: x, to, axes: inside, toOffset });
    return { shapes: [shape], moves };
  });
}
