// How bidirectional operators combine two cells.
import type { OperatorOptions } from '../../bindings/model/model.js';
import type { ReferenceResult, ReferenceTensor } from './spec.js';

interface Run {
  readonly rows: readonly number[][];
  readonly n: number;
}

/** Outputs side by side, or one after the other. */
export function mergeRuns(
  options: OperatorOptions,
  x: ReferenceTensor,
  forward: Run,
  backward: Run,
): ReferenceResult[] {
  const result = (n: number, rows: readonly number[][]): ReferenceResult => {
    return { shape: [...x.shape.slice(0, 2), n], data: Float32Array.from(rows.flat()) };
  };
  if (!options.mergeOutputs) return [result(forward.n, forward.rows), result(backward.n, backward.rows)];
  const merged = forward.rows.map((row, i) => [...row, ...backward.rows[i]!]);
  return [result(forward.n + backward.n, merged)];
}

/** How a second input takes part: not at all, as the backward cell's input, or to both with weights of its own. */
export const AUX = ['none', 'backward', 'both'] as const;
export type Aux = (typeof AUX)[number];
