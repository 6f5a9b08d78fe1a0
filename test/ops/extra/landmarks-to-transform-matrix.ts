import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

type Matrix = number[][];

/** A 4x4 matrix that acts on x and y. */
const affine = ([a, b, x]: number[], [c, d, y]: number[]): Matrix => [
  [a!, b!, 0, x!],
  [c!, d!, 0, y!],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
const times = (m: Matrix, n: Matrix): Matrix =>
  m.map((row) => row.map((_, c) => row.reduce((s, v, k) => s + v * n[k]![c]!, 0)));
const rotation = (r: number) => affine([Math.cos(r), -Math.sin(r), 0], [Math.sin(r), Math.cos(r), 0]);

function build(rng: Rng, points: number, subset: number[]): OpCase {
  const options = {
    subset_idxs: subset,
    left_rotation_idx: 0,
    right_rotation_idx: points - 1,
    target_rotation_radians: rng.uniform(-1, 1),
    output_height: rng.int(8, 64),
    output_width: rng.int(8, 64),
    scale_x: rng.uniform(1, 2),
    scale_y: rng.uniform(1, 2),
  };
  return {
    name: `${points} points, ${JSON.stringify(options)}`,
    version: 2,
    customOptions: new Uint8Array(encode(options)),
    inputs: [rng.tensor('float32', [1, points, 3])],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(65);

/** Shift to the center of a turned bounding box, rotation back, scale to its size, shift by half of the output. */
export default {
  op: 'Landmarks2TransformMatrix',
  custom: true,

  reference({ inputs: [x], customOptions }) {
    const map = readFlexMap(customOptions!);
    const point = (i: number) => [0, 1].map((axis) => Number(x!.data[3 * i + axis])) as [number, number];
    const [left, right] = [point(Number(map.left_rotation_idx)), point(Number(map.right_rotation_idx))];
    const angle = Number(map.target_rotation_radians) - Math.atan2(right[1] - left[1], right[0] - left[0]);
    const turned = (map.subset_idxs as number[]).map((i) => {
      const [px, py] = point(i);
      return times(rotation(angle), affine([1, 0, px], [0, 1, py])).map((row) => row[3]!);
    });
    const [low, high] = [Math.min, Math.max].map((f) => [0, 1].map((axis) => f(...turned.map((p) => p[axis]!))));
    const middle = [0, 1].map((axis) => (low![axis]! + high![axis]!) / 2);
    const back = times(rotation(-angle), affine([1, 0, middle[0]!], [0, 1, middle[1]!]));
    const [width, height] = [Number(map.output_width), Number(map.output_height)];
    const scale = [
      (Number(map.scale_x) * (high![0]! - low![0]!)) / width,
      (Number(map.scale_y) * (high![1]! - low![1]!)) / height,
    ];
    const steps = [
      affine([1, 0, back[0]![3]!], [0, 1, back[1]![3]!]),
      rotation(-angle),
      affine([scale[0]!, 0, 0], [0, scale[1]!, 0]),
      affine([1, 0, -width / 2], [0, 1, -height / 2]),
    ];
    return [{ shape: [1, 4, 4], data: Float32Array.from(steps.reduce(times).flat()) }];
  },

  cases: [build(rng, 5, [1, 2, 3]), build(rng, 2, [0, 1]), build(rng, 9, [4, 0, 8, 2])],
} satisfies OpSpec as OpSpec;
