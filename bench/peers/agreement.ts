// How far two runtimes' outputs are apart.
import { type DType, typedView } from '../../bindings/dtype.js';
import type { TensorSpec } from './models.js';

export interface Difference {
  /** Largest difference of a float element, relative to the largest element of its output. */
  readonly float: number | null;
  /** Largest difference of an integer element. */
  readonly integer: number | null;
  /** Set where outputs cannot be compared. */
  readonly error?: string;
}

const isFloat = (dtype: DType) => dtype === 'float32' || dtype === 'float64';

export function difference(
  outputs: readonly TensorSpec[],
  got: readonly Uint8Array[],
  expected: readonly Uint8Array[],
): Difference {
  let float: number | null = null;
  let integer: number | null = null;
  for (const [i, { name, dtype }] of outputs.entries()) {
    const [a, b] = [got[i], expected[i]];
    if (!a || !b || a.length !== b.length) {
      return { float, integer, error: `output '${name}': ${a?.length} bytes against ${b?.length}` };
    }
    const x = typedView(dtype, new Uint8Array(a).buffer, 0, a.length);
    const y = typedView(dtype, new Uint8Array(b).buffer, 0, b.length);
    let largest = 0;
    let apart = 0;
    for (let k = 0; k < x.length; k++) {
      const [p, q] = [Number(x[k]), Number(y[k])];
      if (Number.isNaN(p) !== Number.isNaN(q)) apart = Number.POSITIVE_INFINITY;
      else if (p !== q && !Number.isNaN(p)) apart = Math.max(apart, Math.abs(p - q));
      if (Number.isFinite(q)) largest = Math.max(largest, Math.abs(q));
    }
    if (isFloat(dtype)) float = Math.max(float ?? 0, apart === 0 ? 0 : apart / (largest || 1));
    else integer = Math.max(integer ?? 0, apart);
  }
  return { float, integer };
}
