import type { DType, TypedArray } from '../../bindings/dtype.js';
import { halfToFloat } from '../../bindings/half.js';
import { bfloatToFloat } from './bfloat16.js';
import type { Tolerance } from './spec.js';

const FLOATS: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16', 'complex64'];

export function isFloat(dtype: DType): boolean {
  return FLOATS.includes(dtype);
}

/** Elements as numbers. */
export function numbers(dtype: DType, data: TypedArray): number[] {
  if (dtype === 'bfloat16') return Array.from(data as Uint16Array, bfloatToFloat);
  return dtype === 'float16'
    ? Array.from(data as Uint16Array, halfToFloat)
    : Array.from(data as ArrayLike<number>, Number);
}

/** Null if `got` is within tolerance of `expected`, else the first element that is not. */
export function difference(
  dtype: DType,
  got: TypedArray,
  expected: TypedArray,
  { rtol = 0, atol = 0, lsb = 0 }: Tolerance,
): string | null {
  if (got.length !== expected.length) return `${got.length} elements instead of ${expected.length}`;
  const a = numbers(dtype, got);
  const b = numbers(dtype, expected);
  const float = isFloat(dtype);
  let worst = -1;
  let worstBy = 0;
  let wrong = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (Object.is(x, y) || x === y) continue;
    const by = Math.abs(x - y) - (float ? atol + rtol * Math.abs(y) : lsb);
    if (by <= 0) continue;
    wrong++;
    // NaN and infinities on one side only count most.
    if (worst < 0 || !(by <= worstBy)) {
      worst = i;
      worstBy = Number.isNaN(by) ? Number.POSITIVE_INFINITY : by;
    }
  }
  if (!wrong) return null;
  return `${wrong} of ${a.length} elements differ; worst at ${worst}: ${a[worst]} instead of ${b[worst]}`;
}
