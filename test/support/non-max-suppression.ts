import { Rng } from './random.js';
import type { OpCase, OpSpec } from './spec.js';

const { fround } = Math;

interface Form {
  readonly boxes: number;
  readonly most: number;
  readonly overlap: number;
  readonly score: number;
  readonly sigma?: number;
  /** The number of boxes is computed. */
  readonly dynamic?: boolean;
}

function caseOf(rng: Rng, form: Form): OpCase {
  const { boxes, most, overlap, score, sigma, dynamic = false } = form;
  const corners = new Float32Array(4 * boxes);
  for (let i = 0; i < boxes; i++) {
    const [y, x] = [rng.uniform(0, 2), rng.uniform(0, 2)];
    const box = [y, x, y + rng.uniform(0.2, 1), x + rng.uniform(0.2, 1)];
    // Corners may come in any order.
    corners.set(rng.bool() ? box : [box[2]!, box[1]!, box[0]!, box[3]!], 4 * i);
  }
  const scores = Float32Array.from({ length: boxes }, () => rng.real());
  const scalar = (value: number) => ({
    dtype: 'float32' as const,
    shape: [],
    data: Float32Array.of(value),
    constant: true,
  });
  return {
    name: `${most} of ${boxes}, overlap ${overlap}, score ${score}, sigma ${sigma}`,
    inputs: [
      { dtype: 'float32', shape: [boxes, 4], data: corners },
      { dtype: 'float32', shape: [boxes], data: scores },
      { dtype: 'int32', shape: [], data: Int32Array.of(most), constant: !dynamic },
      scalar(overlap),
      scalar(score),
      ...(sigma === undefined ? [] : [scalar(sigma)]),
    ],
    // What the file says does not count.
    outputs: Array.from({ length: sigma === undefined ? 2 : 3 }, () => ({
      dtype: rng.pick(['int32', 'float32', 'int64'] as const),
      shape: [],
    })),
  };
}

/** Intersection over union; steps in float32. */
function overlapOf(boxes: Float32Array, i: number, j: number): number {
  const span = (k: number, axis: number) => [boxes[4 * k + axis]!, boxes[4 * k + axis + 2]!].sort((p, q) => p - q);
  const size = (k: number) => {
    const [[y0, y1], [x0, x1]] = [span(k, 0), span(k, 1)] as [number[], number[]];
    return fround(fround(y1! - y0!) * fround(x1! - x0!));
  };
  if (size(i) <= 0 || size(j) <= 0) return 0;
  const common = [0, 1].map((axis) => {
    const [[p0, p1], [q0, q1]] = [span(i, axis), span(j, axis)] as [number[], number[]];
    return Math.max(0, fround(Math.min(p1!, q1!) - Math.max(p0!, q0!)));
  });
  const area = fround(common[0]! * common[1]!);
  return fround(area / fround(fround(size(i) + size(j)) - area));
}

/**
 * The candidate with the best score is taken again and again. One that overlaps a selected box goes; with a sigma its score
 * falls for each selected box that it was not compared with before, and it waits for its turn. One that is selected
 * waits again, too, and meets itself. No two scores are equal here.
 */
function select(boxes: Float32Array, scores: Float32Array, most: number, limit: number, least: number, sigma: number) {
  let waiting = Array.from(scores, (score, index) => ({ index, score, compared: 0 })).filter((c) => c.score > least);
  const end = Math.min(waiting.length, most);
  const selected: { index: number; score: number }[] = [];
  while (selected.length < end && waiting.length) {
    const best = waiting.reduce((p, q) => (q.score > p.score ? q : p));
    waiting = waiting.filter((c) => c !== best);
    let { score } = best;
    let gone = false;
    for (const other of selected.slice(best.compared).reverse()) {
      const common = overlapOf(boxes, best.index, other.index);
      gone = common >= limit;
      if (gone) break;
      if (sigma > 0) score = fround(score * fround(Math.exp(fround(fround(fround(-0.5 / sigma) * common) * common))));
      if (score <= least) break;
    }
    if (gone) continue;
    const compared = selected.length;
    if (score === best.score) selected.push({ index: best.index, score });
    if (score > least) waiting.push({ index: best.index, score, compared });
  }
  return selected;
}

export function nonMaxSuppressionSpec(op: string, soft: boolean): OpSpec {
  const form = (rng: Rng): Form => ({
    boxes: rng.int(0, 30),
    most: rng.int(0, 12),
    overlap: rng.pick([0.1, 0.3, 0.5, 0.9, 1]),
    score: rng.pick([0, 0.2, 0.5, 0.99]),
    sigma: soft ? rng.pick([0, 0.1, 0.5, 2]) : undefined,
    dynamic: rng.bool(),
  });
  const rng = new Rng(5);
  return {
    op,
    tolerance: () => ({ rtol: 1e-6, atol: 0, lsb: 0 }),
    reference({ inputs }) {
      const [boxes, scores, ...limits] = inputs.map((x) => x!.data as Float32Array);
      const [most, limit, least, sigma = 0] = limits.map((data) => data[0]!) as [number, number, number, number?];
      const selected = select(boxes!, scores!, most, limit, least, sigma);
      const fill = <T extends Int32Array | Float32Array>(data: T, values: number[]) => {
        data.set(values);
        return data;
      };
      const indices = fill(
        new Int32Array(most),
        selected.map((c) => c.index),
      );
      const values = fill(
        new Float32Array(most),
        selected.map((c) => c.score),
      );
      return [
        { shape: [most], data: indices },
        ...(soft ? [{ shape: [most], data: values }] : []),
        { shape: [], data: Int32Array.of(selected.length) },
      ];
    },
    cases: [1, 2, 3, 4, 5, 6].map(() => caseOf(rng, form(rng))),
    random: (rng) => caseOf(rng, form(rng)),
  };
}
