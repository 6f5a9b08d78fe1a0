import { byteLength, elementBits, elementSize, type TypedArray } from '../../dtype.js';
import {
  bytesOf,
  count,
  invalid,
  type Known,
  type OpNode,
  type Shape,
  unsupported,
  type Value,
} from '../../graph/ir.js';
import type { Alias, Arg, Operator, PlanBuilder } from '../operator.js';

export { vector } from './reshaping.js';

/**
 * Operators that only move elements: each describes its work as moves over grids, and everything else (merging of
 * axes, choice of kernel, aliases) happens here, once.
 */

/** One axis of a grid: points, and the step of source and destination in elements. */
export type Axis = readonly [n: number, x: number, y: number];

/** `to[toOffset + i·y] = from[fromOffset + i·x]` for all points i of the grid that `axes` span. */
export interface Move {
  /** A typed array becomes a constant of the plan. */
  readonly from: Value | TypedArray;
  readonly to: Value;
  /** In any order. Steps of `x` may be negative or 0; no two points share a destination. */
  readonly axes: readonly Axis[];
  readonly fromOffset?: number;
  readonly toOffset?: number;
  /** Bytes of an element, where it is not that of `to`. */
  readonly size?: number;
  /** 256 bytes that replace each byte on its way; source and destination rows must be contiguous. */
  readonly table?: Uint8Array;
}

export interface Movement {
  readonly shapes: readonly Shape[];
  /** In order of execution. */
  readonly moves: readonly Move[];
  /** Later moves write over earlier ones, so that no input may lie in an output. */
  readonly overlapping?: boolean;
}

/** Steps of a dense row-major tensor. */
export function steps(shape: Shape): number[] {
  const s = new Array<number>(shape.length);
  let n = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    s[i] = n;
    n *= shape[i]!;
  }
  return s;
}

/** A shape with `remove` dimensions from `at` on replaced by others. */
export function splice(shape: Shape, at: number, remove: number, ...insert: number[]): number[] {
  return [...shape.slice(0, at), ...insert, ...shape.slice(at + remove)];
}

/** All bytes of `from` become those of `to`: a view, if it is up to us. */
export function whole(from: Value, to: Value): Move {
  return { from, to, size: 1, axes: [[byteLength(from.dtype, count(from)), 1, 1]] };
}

export const product = (axes: readonly Axis[]) => axes.reduce((n, a) => n * a[0], 1);

interface Grid {
  /** Bytes that move together. */
  readonly run: number;
  /** In bytes, outermost first. */
  readonly axes: Axis[];
}

/** The same grid in bytes with as few axes as possible. */
function normalize(axes: readonly Axis[], size: number): Grid {
  const merged: Axis[] = [];
  const sorted = axes
    .filter(([n]) => n !== 1)
    .map(([n, x, y]): Axis => [n, x * size, y * size])
    .sort((a, b) => b[2] - a[2]);
  for (const axis of sorted) {
    const [n, x, y] = axis;
    const outer = merged.at(-1);
    if (outer && outer[1] === n * x && outer[2] === n * y) merged[merged.length - 1] = [outer[0] * n, x, y];
    else merged.push(axis);
  }
  const inner = merged.at(-1);
  if (inner && inner[1] === size && inner[2] === size) {
    merged.pop();
    return { run: inner[0] * size, axes: merged };
  }
  return { run: size, axes: merged };
}

/** Appends the call that copies a grid by another kernel, if there is a better one. `axes` are in bytes, innermost last. */
export type Tiling = (plan: PlanBuilder, x: Arg, y: Arg, run: number, axes: readonly Axis[]) => boolean;

/** Appends the kernel calls of a move. */
export function lowerMove(plan: PlanBuilder, move: Move, tiling?: Tiling): void {
  const { from, to, table, size = elementSize(to.dtype), fromOffset = 0, toOffset = 0 } = move;
  if (product(move.axes) === 0) return;
  const grid = normalize(move.axes, size);
  const { run, axes } = grid;
  const y = { value: to, offset: toOffset * size };
  const isValue = 'shape' in from;
  const x: Arg = isValue ? { value: from, offset: fromOffset * size } : plan.constant(from) + fromOffset * size;
  if (table) {
    const [rows, , step] = axes[0] ?? [1, 0, 0];
    plan.call('x8_lut_rows', [x, y, plan.constant(table), run, step], rows);
    return;
  }
  if (axes.length === 0 && typeof x !== 'number') plan.copy(y, x, run);
  else lowerGrid(plan, grid, x, y, tiling);
}

/** Appends the kernel call that moves elements of `size` bytes between addresses. */
export function lowerElements(plan: PlanBuilder, axes: readonly Axis[], size: number, x: Arg, y: Arg, tiling?: Tiling) {
  if (product(axes)) lowerGrid(plan, normalize(axes, size), x, y, tiling);
}

function lowerGrid(plan: PlanBuilder, { run, axes }: Grid, x: Arg, y: Arg, tiling?: Tiling): void {
  if (axes.length === 0) {
    plan.call('x8_copy', [x, y], run);
    return;
  }
  if (tiling?.(plan, x, y, run, axes)) return;
  const last = axes.length - 1;
  const columns = axes[last]!;
  // Short rows would be all overhead: the longest axis is as good a row as any.
  if (columns[0] < 8) {
    const longest = axes.reduce((best, a, i) => (a[0] > axes[best]![0] ? i : best), last);
    axes.push(...axes.splice(longest, 1));
  }
  const units = last === 0 ? columns[0] : product(axes.slice(0, -1));
  plan.call('xx_strided_copy', [x, y, run, plan.constant(Int32Array.from(axes.flat())), axes.length], units);
}

/** Where source or destination could lie inside the other, so that the move disappears. */
export function aliasOf(move: Move): Alias[] {
  const { from, to, table, size = elementSize(to.dtype), fromOffset = 0, toOffset = 0 } = move;
  if (!('shape' in from) || table || product(move.axes) === 0) return [];
  // A view of larger elements might not be aligned for them.
  if (elementSize(from.dtype) < elementSize(to.dtype)) return [];
  const { run, axes } = normalize(move.axes, size);
  if (axes.length > 0) return [];
  if (run === bytesOf(to)) return [{ inner: to, outer: from, offset: fromOffset * size }];
  if (run === bytesOf(from) && !from.constant) return [{ inner: from, outer: to, offset: toOffset * size }];
  return [];
}

/** Throws unless elements have a fixed whole number of bytes, and `from` and `to` the same type. */
export function checkMovable(node: OpNode, from: Value, to: Value): void {
  const bits = elementBits(to.dtype);
  if (bits === 0 || bits % 8 !== 0) throw unsupported(node, `dtype ${to.dtype}`);
  if (from.dtype !== to.dtype) throw invalid(node, `input is ${from.dtype}, output ${to.dtype}`);
}

/** An operator that only moves elements. `describe` must not look at the outputs' shapes. */
export function movement(name: string, describe: (node: OpNode, known: Known) => Movement, tiling?: Tiling): Operator {
  return {
    name,
    infer(node, known) {
      const { shapes, moves } = describe(node, known);
      for (const { from, to, size } of moves) {
        if ('shape' in from && !size) checkMovable(node, from, to);
      }
      return [...shapes];
    },
    lower(node, plan) {
      for (const move of describe(node, plan).moves) lowerMove(plan, move, tiling);
    },
    aliases(node, known) {
      const { moves, overlapping } = describe(node, known);
      return overlapping ? [] : moves.flatMap(aliasOf);
    },
  };
}
