import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec, ReferenceTensor } from '../../support/spec.js';

const { fround } = Math;
type Box = [ymin: number, xmin: number, ymax: number, xmax: number];

function real({ dtype, data, quantization }: ReferenceTensor): number[] {
  const numbers = Array.from(data as Float32Array);
  if (dtype === 'float32') return numbers;
  return numbers.map((q) => fround(fround(quantization!.scale[0]!) * (q - quantization!.zeroPoint[0]!)));
}

function decode(code: number[], anchor: number[], [sy, sx, sh, sw]: number[]): Box {
  const [y, x, h, w] = code as Box;
  const [ay, ax, ah, aw] = anchor as Box;
  const cy = fround((y / sy!) * ah + ay);
  const cx = fround((x / sx!) * aw + ax);
  const halfH = fround(0.5 * Math.exp(h / sh!) * ah);
  const halfW = fround(0.5 * Math.exp(w / sw!) * aw);
  return [fround(cy - halfH), fround(cx - halfW), fround(cy + halfH), fround(cx + halfW)];
}

function overlap(a: Box, b: Box): number {
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  if (area(a) <= 0 || area(b) <= 0) return 0;
  const height = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const width = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  return (height * width) / (area(a) + area(b) - height * width);
}

/** Boxes in falling order of score, the first of equals first, without those that overlap one before too much. */
function suppress(boxes: Box[], scores: number[], least: number, most: number, limit: number): number[] {
  const order = scores.map((_, i) => i).filter((i) => scores[i]! >= least);
  order.sort((i, j) => scores[j]! - scores[i]!);
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length < limit && kept.every((k) => overlap(boxes[k]!, boxes[i]!) <= most)) kept.push(i);
  }
  return kept;
}

/** Quantized scores tie often, so the generator can make every order of ties visible. */
function caseOf(rng: Rng, dtype: 'float32' | 'uint8' | 'int8', n: number, options: Record<string, unknown>): OpCase {
  const classes = Number(options.num_classes) + rng.int(0, 1);
  const quantization = (scale: number, zeroPoint: number) =>
    dtype === 'float32' ? undefined : { scale: [scale], zeroPoint: [dtype === 'uint8' ? zeroPoint : zeroPoint - 128] };
  const codes = rng.tensor(dtype, [1, n, 4 + rng.int(0, 2)], { quantization: quantization(0.05, 128) });
  const scores = rng.tensor(dtype, [1, n, classes], { quantization: quantization(1 / 256, 0) });
  const anchors = rng.tensor(dtype, [n, 4], { quantization: quantization(1 / 128, 0), constant: true });
  if (dtype === 'float32') {
    scores.data!.forEach((_, i, data) => {
      data[i] = rng.bool(0.3) ? 0.5 : rng.real();
    });
    anchors.data!.forEach((_, i, data) => {
      data[i] = rng.uniform(0.1, 1);
    });
  }
  return {
    name: `${dtype} ${n} boxes ${JSON.stringify(options)}`,
    customOptions: encode({ y_scale: 10, x_scale: 10, h_scale: 5, w_scale: 5, ...options }),
    inputs: [codes, scores, anchors],
    outputs: [0, 1, 2, 3].map(() => ({ dtype: 'float32' as const, shape: [] })),
  };
}

const FAST = {
  max_detections: 10,
  max_classes_per_detection: 1,
  num_classes: 5,
  nms_score_threshold: 0.2,
  nms_iou_threshold: 0.4,
};
const REGULAR = { ...FAST, use_regular_nms: true, detections_per_class: 4 };
const rng = new Rng(18);

export default {
  op: 'TFLite_Detection_PostProcess',
  custom: true,
  reference({ inputs, customOptions }) {
    const o = readFlexMap(customOptions!) as Record<string, number>;
    const [codes, scores, anchors] = inputs as [ReferenceTensor, ReferenceTensor, ReferenceTensor];
    const [, n, codeSize] = codes.shape as [number, number, number];
    const columns = scores.shape[2]!;
    const [code, score, anchor] = [real(codes), real(scores), real(anchors)];
    const scales = [o.y_scale!, o.x_scale!, o.h_scale!, o.w_scale!];
    const boxes = Array.from({ length: n }, (_, i) =>
      decode(code.slice(i * codeSize, i * codeSize + 4), anchor.slice(i * 4, i * 4 + 4), scales),
    );
    // Without the background, which is the first of num_classes + 1.
    const scoresOf = boxes.map((_, i) => score.slice(i * columns + columns - o.num_classes!, (i + 1) * columns));

    let found: { slot: number; box: number; class: number; score: number }[] = [];
    let count: number;
    if (o.use_regular_nms) {
      const perClass = Math.min(o.detections_per_class ?? 100, o.max_detections!);
      for (let c = 0; c < o.num_classes!; c++) {
        const column = scoresOf.map((s) => s[c]!);
        for (const i of suppress(boxes, column, o.nms_score_threshold!, o.nms_iou_threshold!, perClass)) {
          found.push({ slot: 0, box: i, class: c, score: column[i]! });
        }
      }
      found = found.sort((a, b) => b.score - a.score).slice(0, o.max_detections!);
      found = found.map((f, slot) => ({ ...f, slot }));
      count = found.length;
    } else {
      const best = scoresOf.map((s) => Math.max(...s));
      const kept = suppress(boxes, best, o.nms_score_threshold!, o.nms_iou_threshold!, o.max_detections!);
      count = kept.length;
      kept.forEach((i, k) => {
        const order = scoresOf[i]!.map((_, c) => c).sort((a, b) => scoresOf[i]![b]! - scoresOf[i]![a]!);
        order.slice(0, o.max_classes_per_detection).forEach((c, j) => {
          const slot = k * o.max_classes_per_detection! + j;
          found.push({ slot, box: i, class: c, score: scoresOf[i]![c]! });
        });
      });
    }
    const slots = o.max_detections! * o.max_classes_per_detection!;
    const [outBoxes, outClasses, outScores] = [4, 1, 1].map((k) => new Float32Array(slots * k));
    for (const f of found) {
      outBoxes!.set(boxes[f.box]!, f.slot * 4);
      outClasses![f.slot] = f.class;
      outScores![f.slot] = f.score;
    }
    return [
      { shape: [1, slots, 4], data: outBoxes! },
      { shape: [1, slots], data: outClasses! },
      { shape: [1, slots], data: outScores! },
      { shape: [1], data: Float32Array.of(count) },
    ];
  },
  cases: [
    caseOf(rng, 'float32', 30, FAST),
    caseOf(rng, 'float32', 30, { ...FAST, max_classes_per_detection: 3 }),
    caseOf(rng, 'float32', 30, { ...FAST, max_classes_per_detection: 7 }),
    caseOf(rng, 'float32', 40, REGULAR),
    caseOf(rng, 'uint8', 30, FAST),
    caseOf(rng, 'int8', 30, REGULAR),
    caseOf(rng, 'float32', 5, { ...FAST, nms_score_threshold: 2 }),
  ],
  random: (rng) =>
    caseOf(rng, rng.pick(['float32', 'uint8', 'int8']), rng.dim(), {
      max_detections: rng.int(1, 12),
      max_classes_per_detection: rng.int(1, 3),
      num_classes: rng.int(1, 6),
      nms_score_threshold: rng.pick([1e-8, 0.3]),
      nms_iou_threshold: rng.pick([0.3, 0.6, 1]),
      use_regular_nms: rng.bool(),
      ...(rng.bool() ? { detections_per_class: rng.int(1, 20) } : {}),
    }),
  tolerance: () => ({ rtol: 1e-5, atol: 1e-5 }),
} satisfies OpSpec;
