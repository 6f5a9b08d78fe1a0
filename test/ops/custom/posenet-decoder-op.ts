import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec, ReferenceTensor } from '../../support/spec.js';

const KEYPOINTS = 17;
const EDGES: [parent: number, child: number][] = [
  [0, 1],
  [1, 3],
  [0, 2],
  [2, 4],
  [0, 5],
  [5, 7],
  [7, 9],
  [5, 11],
  [11, 13],
  [13, 15],
  [0, 6],
  [6, 8],
  [8, 10],
  [6, 12],
  [12, 14],
  [14, 16],
];

interface Point {
  y: number;
  x: number;
}
interface Candidate extends Point {
  id: number;
  score: number;
}
interface Pose {
  points: Point[];
  scores: number[];
  score: number;
}

const { fround } = Math;

/** A dequantized tensor [1, height, width, channels], read between its cells. */
class Field {
  readonly #values: number[];
  readonly height: number;
  readonly width: number;
  readonly channels: number;

  constructor({ data, shape, quantization }: ReferenceTensor, factor = 1) {
    const scale = fround(fround(quantization!.scale[0]!) * fround(factor));
    this.#values = Array.from(data as Uint8Array, (q) => fround((q - quantization!.zeroPoint[0]!) * scale));
    [, this.height, this.width, this.channels] = shape as [number, number, number, number];
  }

  cell(y: number, x: number, c: number): number {
    return this.#values[(y * this.width + x) * this.channels + c]!;
  }

  within(y: number, x: number): Point {
    return {
      y: fround(Math.min(Math.max(y, 0), this.height - 1)),
      x: fround(Math.min(Math.max(x, 0), this.width - 1)),
    };
  }

  /** In float32 throughout: following steep offsets multiplies the last bits. */
  sample({ y, x }: Point, c: number): number {
    const [y0, y1, x0, x1] = [Math.floor(y), Math.ceil(y), Math.floor(x), Math.ceil(x)];
    const mix = (a: number, b: number, t: number) => fround(fround(fround(1 - t) * a) + fround(t * b));
    const top = mix(this.cell(y0, x0, c), this.cell(y0, x1, c), fround(x - x0));
    const bottom = mix(this.cell(y1, x0, c), this.cell(y1, x1, c), fround(x - x0));
    return mix(top, bottom, fround(y - y0));
  }
}

/** Takes the strongest candidate out of a list without equal scores. */
function strongest(list: Candidate[]): Candidate {
  const best = list.reduce((a, b) => (b.score > a.score ? b : a));
  list.splice(list.indexOf(best), 1);
  return best;
}

function decodePose(root: Candidate, heatmaps: Field, shorts: Field, mids: Field): Pose {
  const points: Point[] = [];
  const scores: number[] = [];
  const queue = [{ ...root, score: heatmaps.sample(root, root.id) }];
  while (queue.length > 0) {
    const from = strongest(queue);
    if (points[from.id]) continue;
    points[from.id] = { y: from.y, x: from.x };
    scores[from.id] = 1 / (1 + Math.exp(-from.score));
    for (let k = 0; k < 2 * EDGES.length; k++) {
      const [parent, child] = EDGES[k % EDGES.length]!;
      const [source, to] = k < EDGES.length ? [parent, child] : [child, parent];
      if (source !== from.id || points[to]) continue;
      // Blocks of 16: forward y, forward x, backward y, backward x. The first backward edge is taken for a forward one.
      const c = k > EDGES.length ? k + EDGES.length : k;
      const at = mids.within(from.y + mids.sample(from, c), from.x + mids.sample(from, c + EDGES.length));
      for (let i = 0; i < 5; i++) {
        const [dy, dx] = [shorts.sample(at, to), shorts.sample(at, to + KEYPOINTS)];
        Object.assign(at, shorts.within(at.y + dy, at.x + dx));
      }
      queue.push({ ...at, id: to, score: heatmaps.sample(at, to) });
    }
  }
  return { points, scores, score: scores.reduce((a, b) => a + b, 0) / KEYPOINTS };
}

function localMaxima(heatmaps: Field, shorts: Field, threshold: number): Candidate[] {
  const found: Candidate[] = [];
  for (let y = 0; y < heatmaps.height; y++) {
    for (let x = 0; x < heatmaps.width; x++) {
      for (let id = 0; id < KEYPOINTS; id++) {
        const score = heatmaps.cell(y, x, id);
        let largest = score >= threshold;
        for (let v = Math.max(0, y - 1); v <= Math.min(heatmaps.height - 1, y + 1); v++) {
          for (let u = Math.max(0, x - 1); u <= Math.min(heatmaps.width - 1, x + 1); u++) {
            if (heatmaps.cell(v, u, id) > score) largest = false;
          }
        }
        if (!largest) continue;
        const at = shorts.within(y + shorts.cell(y, x, id), x + shorts.cell(y, x, id + KEYPOINTS));
        found.push({ ...at, id, score });
      }
    }
  }
  return found;
}

const near = (a: Point, b: Point, radius: number) => (a.y - b.y) ** 2 + (a.x - b.x) ** 2 <= radius ** 2;

/** All scores of the heatmap differ, so that the order of candidates does not hang on how a queue treats ties. */
function caseOf(
  rng: Rng,
  options: { stride: number; nms_radius: number; max_detections: number; score_threshold: number },
): OpCase {
  const [height, width] = rng.pick([
    [3, 5],
    [5, 3],
    [1, 15],
    [4, 3],
  ] as const);
  const heatmaps = Uint8Array.from({ length: height * width * KEYPOINTS }, (_, i) => i);
  for (let i = heatmaps.length - 1; i > 0; i--) {
    const j = rng.int(0, i);
    [heatmaps[i], heatmaps[j]] = [heatmaps[j]!, heatmaps[i]!];
  }
  const offsets = (channels: number, range: number) =>
    rng.tensor('uint8', [1, height, width, channels], {
      quantization: { scale: [fround((range * options.stride) / 128)], zeroPoint: [rng.int(120, 136)] },
    });
  return {
    name: `${height} x ${width} ${JSON.stringify(options)}`,
    customOptions: encode(options),
    inputs: [
      {
        dtype: 'uint8',
        shape: [1, height, width, KEYPOINTS],
        quantization: { scale: [fround(0.047)], zeroPoint: [160] },
        data: heatmaps,
      },
      offsets(2 * KEYPOINTS, 0.7),
      offsets(4 * EDGES.length, 2),
    ],
    outputs: [0, 1, 2, 3].map(() => ({ dtype: 'float32' as const, shape: [] })),
  };
}

const OPTIONS = { stride: 16, nms_radius: 10, max_detections: 5, score_threshold: 0.3 };
const rng = new Rng(19);

export default {
  op: 'PosenetDecoderOp',
  custom: true,
  reference({ inputs, customOptions }) {
    const o = readFlexMap(customOptions!) as Record<keyof typeof OPTIONS, number>;
    const heatmaps = new Field(inputs[0]!);
    const shorts = new Field(inputs[1]!, 1 / o.stride);
    const mids = new Field(inputs[2]!, 1 / o.stride);
    const radius = o.nms_radius / o.stride;
    const logit = -Math.log(1 / (o.score_threshold + 1e-6) - 1);

    const poses: Pose[] = [];
    const roots = localMaxima(heatmaps, shorts, logit);
    while (poses.length < o.max_detections && roots.length > 0) {
      const root = strongest(roots);
      if (poses.some((pose) => near(pose.points[root.id]!, root, radius))) continue;
      const pose = decodePose(root, heatmaps, shorts, mids);
      if (pose.score >= o.score_threshold) poses.push(pose);
    }
    // Keypoints on those of a stronger pose do not count; then the poses that are still strong enough.
    poses.sort((a, b) => b.score - a.score);
    const rescored = poses.map((pose, i) => {
      const counts = (k: number) => !poses.slice(0, i).some((p) => near(p.points[k]!, pose.points[k]!, radius));
      return { ...pose, score: pose.scores.reduce((a, s, k) => a + (counts(k) ? s : 0), 0) / KEYPOINTS };
    });
    const final = rescored.sort((a, b) => b.score - a.score).filter((pose) => pose.score >= o.score_threshold);

    const [keypoints, scores, poseScores] = [2 * KEYPOINTS, KEYPOINTS, 1].map(
      (n) => new Float32Array(n * o.max_detections),
    );
    final.forEach((pose, i) => {
      pose.points.forEach(({ y, x }, k) => {
        keypoints!.set([y * o.stride, x * o.stride], 2 * (i * KEYPOINTS + k));
      });
      scores!.set(pose.scores, i * KEYPOINTS);
      poseScores![i] = pose.score;
    });
    return [
      { shape: [1, o.max_detections, KEYPOINTS, 2], data: keypoints! },
      { shape: [1, o.max_detections, KEYPOINTS], data: scores! },
      { shape: [1, o.max_detections], data: poseScores! },
      { shape: [1], data: Float32Array.of(final.length) },
    ];
  },
  cases: [
    caseOf(rng, OPTIONS),
    caseOf(rng, { ...OPTIONS, max_detections: 20, nms_radius: 30 }),
    caseOf(rng, { ...OPTIONS, score_threshold: 0.55 }),
    caseOf(rng, { ...OPTIONS, stride: 8, nms_radius: 1 }),
  ],
  random: (rng) =>
    caseOf(rng, {
      stride: rng.pick([8, 16, 32]),
      nms_radius: rng.uniform(1, 30),
      max_detections: rng.int(1, 10),
      score_threshold: rng.uniform(0.2, 0.6),
    }),
  tolerance: () => ({ rtol: 1e-5, atol: 1e-5 }),
} satisfies OpSpec;
