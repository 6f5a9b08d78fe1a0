// What the references of DILATE, STABLEHLO_PAD and STABLEHLO_REDUCE_WINDOW share.
import { element, tensorOf } from './moving.js';
import type { ReferenceResult, ReferenceTensor } from './spec.js';

/** x with `interior` values between elements, then `low` and `high` more at the ends, or as many less. What `collapses` has nothing left if a dimension has not. */
export function spread(
  x: ReferenceTensor,
  value: ReferenceTensor,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
  collapses = true,
): ReferenceResult {
  let shape = x.shape.map((n, d) => low[d]! + (n - 1) * (interior[d]! + 1) + 1 + high[d]!);
  if (collapses && shape.some((n) => n <= 0)) shape = shape.map(() => 0);
  const padding = element({ ...value, shape: [] }, []);
  return tensorOf(x.dtype, shape, (index) => {
    const from = index.map((i, d) => (i - low[d]!) / (interior[d]! + 1));
    const isElement = from.every((i, d) => Number.isInteger(i) && i >= 0 && i < x.shape[d]!);
    return isElement ? element(x, from) : padding;
  });
}
