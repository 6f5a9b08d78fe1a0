import { badShape, count, input, invalid, type OpNode, output, perTensor, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import type { Operator } from '../operator.js';

const KEYPOINTS = 17;
const EDGES = 16;

function optionsOf(node: OpNode) {
  const map = readFlexMap(node.customOptions);
  const number = (key: string, least: number, most: number): number => {
    const value = Number(map[key] ?? 0);
    if (!(value >= least && value <= most))
      throw invalid(node, `option ${key} is ${value}, expected ${least}..${most}`);
    return value;
  };
  return {
    maxDetections: Math.trunc(number('max_detections', 0, 1e5)),
    scoreThreshold: Math.fround(number('score_threshold', 0, 1)),
    stride: Math.trunc(number('stride', 1, 1e4)),
    nmsRadius: Math.fround(number('nms_radius', 0, 1e6)),
  };
}

/** PoseNet's decoder without instance masks, as Coral's models carry it. */
export const posenetDecoderOp: Operator = {
  name: 'PosenetDecoderOp',
  infer(node) {
    if (node.inputs.length !== 3 || node.outputs.length !== 4) throw unsupported(node, 'instance masks');
    const { maxDetections } = optionsOf(node);
    const [, height, width] = input(node, 0).shape;
    [KEYPOINTS, 2 * KEYPOINTS, 4 * EDGES].forEach((channels, i) => {
      const { dtype, shape } = input(node, i);
      if (dtype !== 'uint8') throw unsupported(node, `input of type ${dtype}`);
      perTensor(node, input(node, i));
      const expected = [1, height, width, channels];
      if (shape.length !== 4 || expected.some((d, j) => d !== shape[j])) {
        throw badShape(node, `input ${i} is [${shape}], expected [${expected}]`);
      }
      if (count(input(node, i)) === 0) throw badShape(node, `input ${i} is empty`);
    });
    for (const y of node.outputs) if (y.dtype !== 'float32') throw unsupported(node, `output of type ${y.dtype}`);
    return [[1, maxDetections, KEYPOINTS, 2], [1, maxDetections, KEYPOINTS], [1, maxDetections], [1]];
  },
  lower(node, plan) {
    const { maxDetections, scoreThreshold, stride, nmsRadius } = optionsOf(node);
    const { fround } = Math;
    const perCell = fround(1 / stride);
    const [heatmaps, shorts, mids] = [0, 1, 2].map((i) => {
      const x = input(node, i);
      const { scale, zeroPoint } = perTensor(node, x);
      const y = plan.temporary(count(x) * 4);
      plan.call(
        'qs8_f32_dequantize',
        [x, y, zeroPoint - 128, i === 0 ? scale : fround(scale * perCell), 128],
        count(x),
      );
      return y;
    });
    const [, height, width] = input(node, 0).shape;
    const logit = -Math.log(1 / (scoreThreshold + 1e-6) - 1);
    const queue = plan.scratch((height! * width! * KEYPOINTS + 64) * 16);
    const poses = plan.scratch(maxDetections * (256 + 4));
    plan.call(
      'f32_posenet_decoder',
      [
        ...([heatmaps!, shorts!, mids!, height!, width!, maxDetections] as const),
        ...([scoreThreshold, logit, fround(nmsRadius / stride), stride, queue, poses] as const),
        ...([output(node, 0), output(node, 1), output(node, 2), output(node, 3)] as const),
      ],
      1,
    );
  },
};
