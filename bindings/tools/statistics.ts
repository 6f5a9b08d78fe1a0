/** Order statistics of repeated timings. */
export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly mean: number;
  readonly max: number;
}

export function statistics(samples: readonly number[]): Statistics {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    count: sorted.length,
    min: sorted[0] ?? Number.NaN,
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    mean: sorted.reduce((sum, x) => sum + x, 0) / sorted.length,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** Linear interpolation between the two nearest of the sorted samples. */
function quantile(sorted: readonly number[], q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const a = sorted[below] ?? Number.NaN;
  const b = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return a + (b - a) * (position - below);
}
