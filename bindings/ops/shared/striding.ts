// What operators beyond the standard ones need of strided-copy.ts.
import { elementCount, type TypedArray } from '../../dtype.js';
import {
  count,
  input,
  invalid,
  type Known,
  normalizeAxis,
  type OpNode,
  output,
  type Shape,
  type Value,
} from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { past } from './gemm.js';
import { PACKED, packBits, unpackedBits } from './packed-bits.js';
import {
  type Axis,
  lowerElements,
  type Move,
  type Movement,
  movement,
  product,
  steps,
  type Tiling,
  vector,
} from './strided-copy.js';

/** Every element of `to` is the first of `from`. */
export function fill(from: Value | TypedArray, to: Value, shape: Shape): Move {
  return { from, to, axes: [[elementCount(shape), 0, 1]] };
}

const TRANSPOSES = {
  1: ['x8_transpose', 8],
  2: ['x16_transpose', 4],
  4: ['x32_transpose', 4],
} as const;

/** Rows that become columns go tile by tile. */
export const transposing: Tiling = (plan, x, y, run, axes) => {
  const last = axes.length - 1;
  const columns = axes[last]!;
  const rows = axes.find((a, i) => i < last && a[1] === run);
  const transpose = TRANSPOSES[run as keyof typeof TRANSPOSES];
  if (!transpose || !rows || columns[2] !== run || columns[0] < transpose[1]) return false;
  const [kernel, tile] = transpose;
  const outer = axes.filter((a) => a !== rows && a !== columns);
  const units = product(outer) * Math.ceil(rows[0] / tile);
  plan.call(kernel, [x, y, plan.constant(Int32Array.from([...outer, rows, columns].flat())), axes.length], units);
  return true;
};

/** How a dense output is read: points and steps of the input, outermost first. */
export interface Reading {
  readonly axes: readonly (readonly [n: number, x: number])[];
  readonly fromOffset?: number;
  /** Where it is not the points of `axes`. */
  readonly shape?: Shape;
}

/** An operator whose output is read from input 0 by strides. `describe` also gets that input and its steps. */
export function striding(
  name: string,
  describe: (node: OpNode, known: Known, x: Value, s: number[]) => Reading,
): Operator {
  const read = (node: OpNode, known: Known): Movement & { readonly moves: readonly [Move] } => {
    const from = input(node, 0);
    const { axes, fromOffset, shape } = describe(node, known, from, steps(from.shape));
    const points = axes.map(([n]) => n);
    const ys = steps(points);
    return {
      shapes: [shape ?? points],
      moves: [{ from, to: output(node), axes: axes.map(([n, x], i): Axis => [n, x, ys[i]!]), fromOffset }],
    };
  };
  const bytes = movement(name, read, transposing);
  const isPacked = (node: OpNode) => PACKED.includes(output(node).dtype);
  return {
    ...bytes,
    infer(node, known) {
      if (!isPacked(node)) return bytes.infer(node, known);
      const [x, y] = [input(node, 0), output(node)];
      if (x.dtype !== y.dtype) throw invalid(node, `input is ${x.dtype}, output ${y.dtype}`);
      return [...read(node, known).shapes];
    },
    lower(node, plan) {
      if (!isPacked(node)) return bytes.lower(node, plan);
      const y = output(node);
      const [{ axes, fromOffset = 0 }] = read(node, plan).moves;
      const moved = plan.temporary(count(y));
      lowerElements(plan, axes, 1, past(unpackedBits(plan, input(node, 0)), fromOffset), moved, transposing);
      packBits(plan, moved, y);
    },
    // Parts of bytes are nowhere by themselves.
    aliases: (node, known) => (isPacked(node) ? [] : bytes.aliases!(node, known)),
  };
}

/** An integer tensor of one element, as an axis of a tensor of `rank`. */
export function axisInput(node: OpNode, known: Known, i: number, rank: number): number {
  return normalizeAxis(node, vector(node, known, i, 1)[0]!, rank);
}
