// The best of boxes that overlap. With a sigma (Bodla et al., "Soft-NMS") overlap only lowers a box's score, up to a limit.
import { checkShape, input, invalid, type OpNode, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { type HostCall, hostOperator } from './host.js';
import { typedAs } from './typed.js';

const { fround, max, min } = Math;

interface Candidate {
  readonly index: number;
  score: number;
  /** How many of the selected boxes it was compared with. */
  compared: number;
}

/** A heap with the largest score on top. Of equal ones C++'s standard library decides, whose steps these are. */
class Candidates {
  readonly #heap: Candidate[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(candidate: Candidate): void {
    this.#heap.push(candidate);
    this.#rise(this.#heap.length - 1, candidate);
  }

  pop(): Candidate {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    const { length } = heap;
    if (!length) return top;
    // The hole goes down to a leaf along the larger children, then the last one rises from there.
    let hole = 0;
    for (let child = 2; ; child = 2 * hole + 2) {
      if (child >= length || heap[child]!.score < heap[child - 1]!.score) child--;
      if (child >= length) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    this.#rise(hole, last);
    return top;
  }

  #rise(hole: number, candidate: Candidate): void {
    const heap = this.#heap;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!(heap[parent]!.score < candidate.score)) break;
      heap[hole] = heap[parent]!;
      hole = parent;
    }
    heap[hole] = candidate;
  }
}

/** Intersection over union of boxes i and j, [y, x, y, x] in any order of corners, each step in float32. */
function overlap(boxes: Float32Array, i: number, j: number): number {
  const edges = (k: number) => {
    const [y1, x1, y2, x2] = boxes.subarray(4 * k, 4 * k + 4) as unknown as [number, number, number, number];
    return { top: min(y1, y2), bottom: max(y1, y2), left: min(x1, x2), right: max(x1, x2) };
  };
  const area = (top: number, bottom: number, left: number, right: number) =>
    fround(fround(bottom - top) * fround(right - left));
  const [a, b] = [edges(i), edges(j)];
  const [areaA, areaB] = [area(a.top, a.bottom, a.left, a.right), area(b.top, b.bottom, b.left, b.right)];
  if (areaA <= 0 || areaB <= 0) return 0;
  const height = max(fround(min(a.bottom, b.bottom) - max(a.top, b.top)), 0);
  const width = max(fround(min(a.right, b.right) - max(a.left, b.left)), 0);
  const common = fround(height * width);
  return fround(common / fround(fround(areaA + areaB) - common));
}

interface Limits {
  readonly most: number;
  readonly overlap: number;
  readonly score: number;
  readonly sigma: number;
}

/** What stays, best first. */
export function select(boxes: Float32Array, scores: Float32Array, limits: Limits): Candidate[] {
  const candidates = new Candidates();
  for (const [index, score] of scores.entries()) {
    if (score > limits.score) candidates.push({ index, score, compared: 0 });
  }
  const most = min(candidates.size, limits.most);
  const scale = limits.sigma > 0 ? fround(-0.5 / limits.sigma) : 0;
  const selected: Candidate[] = [];
  while (selected.length < most && candidates.size) {
    const candidate = candidates.pop();
    const { score: before, compared } = candidate;
    let suppressed = false;
    for (let j = selected.length - 1; j >= compared && !suppressed && !(candidate.score <= limits.score); j--) {
      const common = overlap(boxes, candidate.index, selected[j]!.index);
      suppressed = common >= limits.overlap;
      if (!suppressed && scale) {
        candidate.score = fround(candidate.score * fround(Math.exp(fround(fround(scale * common) * common))));
      }
    }
    if (suppressed) continue;
    candidate.compared = selected.length;
    if (candidate.score === before) selected.push({ ...candidate });
    // One that was selected comes back as in TFLite, and is suppressed by itself, if it has an area.
    if (candidate.score > limits.score) candidates.push(candidate);
  }
  return selected;
}

/** How many boxes there may be in the outputs. */
function mostOf({ node, inputs }: HostCall): number {
  const most = Number(inputs[2]!.data[0]);
  if (most < 0) throw invalid(node, `at most ${most} boxes`);
  return most;
}

/** With a sixth input, sigma, scores come out beside the indices. */
const isSoft = (node: OpNode) => node.inputs.length === 6;

export function nonMaxSuppression(name: string): Operator {
  const operator = hostOperator({
    name,
    check(node) {
      if (node.inputs.length !== 5 && !isSoft(node)) throw invalid(node, `${node.inputs.length} inputs, not 5 or 6`);
      const [boxes, scores] = [input(node, 0), input(node, 1)];
      checkShape(node, boxes.shape.length === 2 && boxes.shape[1] === 4, () => `boxes of shape [${boxes.shape}]`);
      checkShape(
        node,
        scores.shape.length === 1 && scores.shape[0] === boxes.shape[0],
        () => `scores of shape [${scores.shape}] for boxes of shape [${boxes.shape}]`,
      );
      for (let i = 0; i < node.inputs.length; i++) {
        const { dtype, shape } = input(node, i);
        if (dtype !== (i === 2 ? 'int32' : 'float32')) throw unsupported(node, `input ${i} of type ${dtype}`);
        checkShape(node, i < 2 || !shape.length, () => `input ${i} must be a scalar, not [${shape}]`);
      }
    },
    shapes(call) {
      const most = mostOf(call);
      return isSoft(call.node) ? [[most], [most], []] : [[most], []];
    },
    run(call) {
      const { node, inputs } = call;
      const most = mostOf(call);
      const [boxes, scores] = inputs.map((x) => x!.data as Float32Array) as [Float32Array, Float32Array];
      const number = (i: number) => Number(inputs[i]!.data[0]);
      const sigma = isSoft(node) ? number(5) : 0;
      if (sigma < 0) throw invalid(node, `a sigma of ${sigma}`);
      const selected = select(boxes, scores, { most, overlap: number(3), score: number(4), sigma });
      const [indices, values] = [new Int32Array(most), new Float32Array(most)];
      for (const [i, { index, score }] of selected.entries()) {
        indices[i] = index;
        values[i] = score;
      }
      return [
        { shape: [most], data: indices },
        ...(isSoft(node) ? [{ shape: [most], data: values }] : []),
        { shape: [], data: Int32Array.of(selected.length) },
      ];
    },
  });
  return typedAs((node) => (isSoft(node) ? ['int32', 1, 'int32'] : ['int32', 'int32']), operator);
}
