import {
  badShape,
  count,
  input,
  invalid,
  type OpNode,
  output,
  perTensor,
  unsupported,
  type Value,
} from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import type { Arg, Operator, PlanBuilder, Ref } from '../operator.js';

interface Options {
  readonly maxDetections: number;
  readonly maxClassesPerDetection: number;
  readonly detectionsPerClass: number;
  readonly useRegularNms: boolean;
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
  readonly numClasses: number;
  /** Of y, x, h and w. */
  readonly scales: readonly [number, number, number, number];
}

function optionsOf(node: OpNode): Options {
  const map = readFlexMap(node.customOptions);
  const number = (key: string, otherwise = 0): number => {
    const value = Number(map[key] ?? otherwise);
    if (!Number.isFinite(value)) throw invalid(node, `option ${key} is not a number`);
    return value;
  };
  const integer = (key: string, least: number, otherwise = 0): number => {
    const value = Math.trunc(number(key, otherwise));
    if (value < least || value > 1e6) throw invalid(node, `option ${key} is ${value}, expected at least ${least}`);
    return value;
  };
  const options: Options = {
    maxDetections: integer('max_detections', 0),
    maxClassesPerDetection: integer('max_classes_per_detection', 1),
    detectionsPerClass: integer('detections_per_class', 0, 100),
    useRegularNms: Boolean(map.use_regular_nms),
    scoreThreshold: number('nms_score_threshold'),
    iouThreshold: number('nms_iou_threshold'),
    numClasses: integer('num_classes', 1),
    scales: [number('y_scale'), number('x_scale'), number('h_scale'), number('w_scale')],
  };
  const { iouThreshold } = options;
  if (!(iouThreshold > 0 && iouThreshold <= 1))
    throw invalid(node, `nms_iou_threshold is ${iouThreshold}, not in 0..1`);
  return options;
}

/** A quantized input as float32 in temporary memory. */
function asFloat(node: OpNode, plan: PlanBuilder, x: Value): Arg & Ref['value'] {
  if (x.dtype === 'float32') return x;
  const { scale, zeroPoint } = perTensor(node, x);
  const flip = x.dtype === 'uint8' ? 128 : 0;
  const y = plan.temporary(count(x) * 4);
  plan.call('qs8_f32_dequantize', [x, y, zeroPoint - flip, scale, flip], count(x));
  return y;
}

export const tfliteDetectionPostProcess: Operator = {
  name: 'TFLite_Detection_PostProcess',
  infer(node) {
    const [encodings, scores, anchors] = [input(node, 0), input(node, 1), input(node, 2)];
    for (const x of [encodings, scores, anchors]) {
      if (x.dtype === 'float32') continue;
      if (x.dtype !== 'uint8' && x.dtype !== 'int8') throw unsupported(node, `input of type ${x.dtype}`);
      perTensor(node, x);
    }
    for (let i = 0; i < 4; i++) {
      const { dtype } = output(node, i);
      if (dtype !== 'float32') throw unsupported(node, `output of type ${dtype}`);
    }
    const { maxDetections, maxClassesPerDetection, numClasses } = optionsOf(node);
    const [batch, boxes, codes] = encodings.shape;
    const [scoreBatch, scoreBoxes, classes] = scores.shape;
    if (encodings.shape.length !== 3 || batch !== 1 || codes! < 4) {
      throw badShape(node, `box encodings are [${encodings.shape}], expected [1, boxes, 4 or more]`);
    }
    if (scores.shape.length !== 3 || scoreBatch !== 1 || scoreBoxes !== boxes) {
      throw badShape(node, `class predictions are [${scores.shape}], expected [1, ${boxes}, classes]`);
    }
    if (classes !== numClasses && classes !== numClasses + 1) {
      throw badShape(node, `class predictions have ${classes} classes, expected ${numClasses} and maybe a background`);
    }
    if (anchors.shape.length !== 2 || anchors.shape[0] !== boxes || anchors.shape[1] !== 4) {
      throw badShape(node, `anchors are [${anchors.shape}], expected [${boxes}, 4]`);
    }
    const n = maxDetections * maxClassesPerDetection;
    return [[1, n, 4], [1, n], [1, n], [1]];
  },
  lower(node, plan) {
    const o = optionsOf(node);
    const [, n, codes] = input(node, 0).shape as [number, number, number];
    const classes = input(node, 1).shape[2]!;
    const encodings = asFloat(node, plan, input(node, 0));
    const anchors = asFloat(node, plan, input(node, 2));
    const boxes = plan.temporary(n * 16);
    plan.call('f32_decode_boxes', [encodings, anchors, boxes, codes, ...o.scales], n);

    // A background class, where there is one, stands first.
    const scores = { value: asFloat(node, plan, input(node, 1)), offset: (classes - o.numClasses) * 4 };
    const work = plan.scratch(n * 8);
    const outputs = [output(node, 0), output(node, 1), output(node, 2), output(node, 3)] as const;
    const limits = [o.maxClassesPerDetection, o.maxDetections, o.scoreThreshold, o.iouThreshold] as const;
    if (o.useRegularNms) {
      const perClass = Math.min(o.detectionsPerClass, o.maxDetections);
      const kept = plan.scratch(perClass * 4);
      const merged = plan.scratch((o.maxDetections + perClass) * 16);
      plan.call(
        'f32_nms_regular',
        [boxes, scores, work, kept, merged, n, classes, o.numClasses, perClass, ...limits, ...outputs],
        1,
      );
      return;
    }
    const k = Math.min(o.maxClassesPerDetection, o.numClasses);
    const best = plan.temporary(n * k * 4);
    const bestClasses = plan.temporary(n * k * 4);
    plan.call('f32_topk', [scores, best, bestClasses, classes, o.numClasses, k], n);
    const kept = plan.scratch(o.maxDetections * 4);
    plan.call('f32_nms_fast', [boxes, best, bestClasses, work, kept, n, k, ...limits, ...outputs], 1);
  },
};
