import { expect } from 'vitest';
import { difference, isFloat, numbers } from './compare.js';
import type { OpCase, OpSpec, ReferenceResult, TensorSpec, Tolerance } from './spec.js';

/** The outputs of a case's node and of those after it. */
export const observed = ({ outputs, after = [] }: OpCase) => [...outputs, ...after.flatMap((node) => node.outputs)];

/** Outputs of a case, then variables, beside what the reference made of it. */
export function expectResults(
  spec: OpSpec,
  c: OpCase,
  got: readonly ReferenceResult[],
  results: readonly ReferenceResult[],
  arithmetic: 'exact' | 'fast',
  tensors: readonly Pick<TensorSpec, 'dtype'>[] = observed(c),
): void {
  const stated: Tolerance = spec.tolerance?.(c) ?? {};
  for (const [i, { dtype }] of tensors.entries()) {
    expect(got[i]!.data.constructor, `${c.name}: elements of output ${i}`).toBe(results[i]!.data.constructor);
    // Adding 0 leaves no -0, which a reference's division may give.
    expect(got[i]!.shape, `${c.name}: shape of output ${i}`).toEqual(results[i]!.shape.map((n) => n + 0));
    const largest = numbers(dtype, results[i]!.data).reduce(
      (m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m),
      0,
    );
    const tolerance = isFloat(dtype)
      ? { rtol: stated.rtol ?? 0, atol: stated.atol ?? (stated.rtol === undefined ? 1e-6 * largest : 0) }
      : { lsb: arithmetic === 'fast' ? (stated.lsb ?? 1) : 0 };
    expect(difference(dtype, got[i]!.data, results[i]!.data, tolerance), `${c.name}: output ${i}`).toBe(null);
  }
}
