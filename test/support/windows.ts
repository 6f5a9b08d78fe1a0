import { element, ints, shuffled } from './moving.js';
import type { Rng } from './random.js';
import { randomInts } from './scatter.js';
import type { ReferenceTensor, TensorSpec } from './spec.js';

// Windows as StableHLO's gather and scatter describe them.

/** Where the window of a point begins: the index vector, spread over the tensor's dimensions. */
export function startOf(
  indices: ReferenceTensor,
  point: readonly number[],
  vectorDim: number,
  map: readonly number[],
  rank: number,
): number[] {
  const start = new Array<number>(rank).fill(0);
  for (const [component, d] of map.entries()) {
    const at = [...point];
    if (vectorDim < indices.shape.length) at.splice(vectorDim, 0, component);
    start[d] = ints({ ...indices, data: [element(indices, at)[0]!] as never })[0]!;
  }
  return start;
}

/** A position in a window, with the dimensions that it is without. */
export function inTensor(window: readonly number[], collapsed: readonly number[], rank: number): number[] {
  let next = 0;
  return Array.from({ length: rank }, (_, d) => (collapsed.includes(d) ? 0 : window[next++]!));
}

export interface RandomWindows {
  readonly shape: readonly number[];
  readonly sizes: readonly number[];
  readonly collapsed: readonly number[];
  readonly windowDims: readonly number[];
  readonly map: readonly number[];
  readonly vectorDim: number;
  readonly indices: TensorSpec;
  readonly dense: readonly number[];
}

export function randomWindows(rng: Rng, beyond: number): RandomWindows {
  const rank = rng.int(1, 4);
  const shape = Array.from({ length: rank }, () => rng.int(1, 5));
  const collapsed = shape.map((_, d) => d).filter(() => rng.bool(0.4));
  const sizes = shape.map((n, d) => (collapsed.includes(d) ? 1 : rng.bool() ? n : rng.int(1, n)));
  const points = Array.from({ length: rng.int(0, 2) }, () => rng.int(1, 4));
  const map = shuffled(
    rng,
    shape.map((_, d) => d),
  ).slice(0, rng.int(1, rank));
  const vectorDim = map.length === 1 && rng.bool() ? points.length : rng.int(0, points.length);
  const dims = [...points];
  if (map.length > 1 || vectorDim < points.length || rng.bool()) dims.splice(vectorDim, 0, map.length);
  const window = sizes.filter((_, d) => !collapsed.includes(d));
  const all = Array.from({ length: points.length + window.length }, (_, d) => d);
  const windowDims = shuffled(rng, all)
    .slice(0, window.length)
    .sort((a, b) => a - b);
  const rest = [...points];
  const dense = all.map((d) => (windowDims.includes(d) ? window[windowDims.indexOf(d)]! : rest.shift()!));
  return {
    ...{ shape, sizes, collapsed, windowDims, map, vectorDim, dense },
    indices: randomInts(rng, dims, -beyond, Math.max(...shape) - 1 + beyond),
  };
}
