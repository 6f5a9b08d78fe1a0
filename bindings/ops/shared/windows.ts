// Moves between a tensor and the windows in it that an index tensor places: what gathers and scatters have in common.
import { Bounds, CastType, ScatterOp } from '../../../assembly/lib/opcodes.js';
import { type DType, elementBits, elementCount, elementSize } from '../../dtype.js';
import { badShape, count, type OpNode, type Shape, unsupported, type Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder } from '../operator.js';
import { steps } from './strided-copy.js';

/** A dimension of the tensor. */
export interface WindowAxis {
  readonly n: number;
  /** Elements of a window along it. */
  readonly window: number;
  /** Step of the dense tensor along it. */
  readonly dense: number;
  /** Which component of an index says where windows start; -1: they start at 0. */
  readonly component: number;
  /** The window of point p begins (p / divisor) % modulus later, for `Bounds.IGNORE`. */
  readonly later?: { readonly divisor: number; readonly modulus: number };
}

/** Steps are in elements. */
export interface Windows {
  readonly tensor: Value;
  readonly indices: Value;
  /** Where the windows lie one after the other. */
  readonly dense: Value;
  /** The bytes of `tensor` and `dense`, one an element, where these have several in a byte. */
  readonly unpacked?: readonly [tensor: Arg, dense: Arg];
  /** Outermost first: number of points, steps of indices and of the dense tensor. */
  readonly points: readonly (readonly [n: number, indices: number, dense: number])[];
  /** From one component of an index to the next. */
  readonly step: number;
  readonly axes: readonly WindowAxis[];
  readonly bounds: Bounds;
}

const TYPES: { readonly [T in DType]?: CastType } = {
  float32: CastType.FLOAT32,
  float16: CastType.FLOAT16,
  float64: CastType.FLOAT64,
  int8: CastType.INT8,
  uint8: CastType.UINT8,
  int16: CastType.INT16,
  uint16: CastType.UINT16,
  int32: CastType.INT32,
  uint32: CastType.UINT32,
  int64: CastType.INT64,
  uint64: CastType.UINT64,
  bool: CastType.UINT8,
};

/** Throws for types that are only moved. */
export function checkCombinable(node: OpNode, { dtype }: Value): void {
  if (!(dtype in TYPES)) throw unsupported(node, `updates of type ${dtype}`);
}

/** The innermost dimensions that lie side by side and whole in both tensors become one cell of so many elements. */
export function withCells({ axes, bounds }: Windows): { cell: number; rest: readonly WindowAxis[] } {
  const rest = [...axes];
  let cell = 1;
  for (let last = rest.at(-1); last; last = rest.at(-1)) {
    const { n, window, dense, component, later } = last;
    const still = (component < 0 && !later) || bounds === Bounds.CLAMP;
    if (window !== n || (n !== 1 && dense !== cell) || !still) break;
    cell *= n;
    rest.pop();
  }
  if (rest.length === 0) rest.push({ n: 1, window: 1, dense: cell, component: -1 });
  return { cell, rest };
}

/** Appends the call that reads the windows, or writes them, or combines them with what is there. */
export function lowerWindows(plan: PlanBuilder, op: ScatterOp, windows: Windows): void {
  const { tensor, indices, points, step, axes, bounds, unpacked } = windows;
  const [to, dense] = unpacked ?? [tensor, windows.dense];
  const number = points.reduce((n, [m]) => n * m, 1);
  if (number === 0 || axes.some(({ window }) => window === 0)) return;
  const { cell, rest } = withCells(windows);
  const bits = unpacked ? 8 : elementBits(tensor.dtype);
  // Of elements of less than a byte, whole cells must be whole bytes.
  const size = bits / 8;
  const [elements, bytes] = bits < 8 ? [cell * size, 1] : [cell, size];
  const indexSize = elementSize(indices.dtype);
  const strides = steps(axes.map(({ n }) => n));
  const block = plan.constant(
    Int32Array.from([
      ...[rest.length, points.length, indexSize, step * indexSize, bounds, elements, bytes],
      ...points.flatMap(([n, i, d]) => [n, i * indexSize, d * size]),
      ...rest.flatMap((a, d) => [
        ...[a.n, a.window, (strides[d] ?? cell) * size, a.dense * size, a.component],
        ...[a.later?.divisor ?? 1, a.later?.modulus ?? 1],
      ]),
    ]),
  );
  const counts: Arg = plan.scratch(4 * rest.length);
  if (op === ScatterOp.READ) {
    plan.call('xx_gather_windows', [to, indices, dense, block, counts], number);
    return;
  }
  let combination = op;
  if (tensor.dtype === 'bool') {
    if (op === ScatterOp.ADD) combination = ScatterOp.MAXIMUM;
    if (op === ScatterOp.MULTIPLY) combination = ScatterOp.MINIMUM;
  }
  const type = TYPES[tensor.dtype] ?? 0;
  plan.call('xx_scatter_windows', [combination, type, to, indices, dense, block, counts, number], 1);
}

/**
 * Slices along the last dimensions of `tensor`, of which each of `points` index vectors chooses one by the first `depth`
 * coordinates; a scalar `dense` serves them all.
 */
export function slices(
  tensor: Value,
  shape: Shape,
  indices: Value,
  depth: number,
  points: number,
  dense: Value,
  bounds: Bounds,
): Windows {
  const inner = steps(shape);
  const slice = elementCount(shape.slice(depth));
  const scalar = dense.shape.length === 0;
  return {
    tensor,
    indices,
    dense,
    bounds,
    points: [[points, depth, scalar ? 0 : slice]],
    step: 1,
    axes: shape.map((n, d) =>
      d < depth ? { n, window: 1, dense: 0, component: d } : { n, window: n, dense: inner[d]!, component: -1 },
    ),
  };
}

/** How StableHLO describes windows. */
export interface WindowDimensions {
  /** Dimensions of the dense tensor that are those of a window. */
  readonly windowDims: readonly number[];
  /** Dimensions of the tensor that windows, which have one element there, are without. */
  readonly collapsed: readonly number[];
  /** The tensor's dimension for each component of an index. */
  readonly map: readonly number[];
  /** The dimension of `indices` that index vectors lie along; beyond the last, indices are scalars. */
  readonly vectorDim: number;
}

const within = (dims: readonly number[], rank: number) =>
  new Set(dims).size === dims.length && dims.every((d) => Number.isInteger(d) && d >= 0 && d < rank);

/** Dimensions of `indices` that count windows. */
export function pointShape({ vectorDim }: WindowDimensions, { shape }: Value): Shape {
  return shape.filter((_, d) => d !== vectorDim);
}

/** @param sizes of windows along the tensor's dimensions, 1 where they are collapsed */
export function checkWindows(node: OpNode, dims: WindowDimensions, tensor: Value, indices: Value, sizes: Shape): void {
  const { windowDims, collapsed, map, vectorDim } = dims;
  const rank = tensor.shape.length;
  const denseRank = pointShape(dims, indices).length + windowDims.length;
  if (
    !(Number.isInteger(vectorDim) && vectorDim >= 0 && vectorDim <= indices.shape.length) ||
    !(within(windowDims, denseRank) && within(collapsed, rank) && within(map, rank)) ||
    windowDims.length + collapsed.length !== rank ||
    map.length !== (indices.shape[vectorDim] ?? 1)
  ) {
    throw badShape(
      node,
      `dimensions ${JSON.stringify(dims)} do not fit [${tensor.shape}] and indices [${indices.shape}]`,
    );
  }
  if (sizes.length !== rank || sizes.some((s, d) => s < 0 || s > tensor.shape[d]!)) {
    throw badShape(node, `windows [${sizes}] do not fit in [${tensor.shape}]`);
  }
}

/**
 * The windows in the order of the dense tensor's elements: where dimensions of windows come before some that count them, these
 * are taken for such, too.
 * @param shape of the dense tensor
 */
export function windowsOf(
  dims: WindowDimensions,
  tensor: Value,
  indices: Value,
  dense: Value,
  shape: Shape,
  sizes: Shape,
  bounds: Bounds,
): Windows {
  const { windowDims, collapsed, map, vectorDim } = dims;
  const indexSteps = steps(indices.shape);
  const denseSteps = steps(shape);
  const pointSteps = indexSteps.filter((_, d) => d !== vectorDim);
  const isPoint = (d: number) => !windowDims.includes(d);
  const ordered = bounds === Bounds.IGNORE ? shape.map((_, d) => isPoint(d)).lastIndexOf(true) : -1;
  const pointDims = shape.map((_, d) => d).filter((d) => isPoint(d) || d < ordered);
  let [next, point] = [0, 0];
  return {
    tensor,
    indices,
    dense,
    bounds,
    points: pointDims.map((d) => [shape[d]!, isPoint(d) ? pointSteps[point++]! : 0, denseSteps[d]!]),
    step: indexSteps[vectorDim] ?? 0,
    axes: tensor.shape.map((n, d) => {
      const component = map.indexOf(d);
      if (collapsed.includes(d)) return { n, window: 1, dense: 0, component };
      const from = windowDims[next++]!;
      if (from > ordered) return { n, window: sizes[d]!, dense: denseSteps[from]!, component };
      const divisor = elementCount(shape.filter((_, k) => k > from && pointDims.includes(k)));
      return { n, window: 1, dense: 0, component, later: { divisor, modulus: shape[from]! } };
    }),
  };
}

/** Points of an index tensor whose last dimension holds the coordinates. */
export function vectors(indices: Value): { points: number; depth: number } {
  const depth = indices.shape.at(-1)!;
  return { depth, points: depth === 0 ? elementCount(indices.shape.slice(0, -1)) : count(indices) / depth };
}
