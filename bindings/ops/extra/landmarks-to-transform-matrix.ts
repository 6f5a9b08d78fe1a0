import { badShape, count, input, invalid, type OpNode, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { hostOperator } from '../shared/host.js';

import { checkTypes, option } from './shared.js';

function optionsOf(node: OpNode) {
  const number = (name: string) => option(node, name);
  const { subset_idxs } = readFlexMap(node.customOptions);
  const subset = Array.isArray(subset_idxs) ? subset_idxs.map(Number) : [];
  const [left, right] = [number('left_rotation_idx'), number('right_rotation_idx')];
  const points = count(input(node, 0)) / 3;
  const isPoint = (i: number) => Number.isInteger(i) && i >= 0 && i < points;
  if (!subset.length || ![left, right, ...subset].every(isPoint)) {
    throw invalid(node, `landmarks ${[left, right, ...subset]} of ${points}`);
  }
  const [height, width] = [number('output_height'), number('output_width')];
  const [scaleX, scaleY] = [number('scale_x'), number('scale_y')];
  if (!(height > 0 && width > 0 && scaleX > 0 && scaleY > 0)) {
    throw invalid(node, `a crop of ${height} x ${width}, scaled by ${scaleX} and ${scaleY}`);
  }
  return { subset, left, right, target: number('target_rotation_radians'), height, width, scaleX, scaleY };
}

/**
 * MediaPipe's crop around landmarks: the matrix 4x4 that brings pixels of a `height` x `width` output to where the bounding box of
 * some landmarks lies, once the line from one landmark to another is turned to a given angle. Version 2.
 */
export const landmarksToTransformMatrix = hostOperator({
  name: 'Landmarks2TransformMatrix',
  check(node) {
    if (node.version !== 2) throw unsupported(node, `version ${node.version}`);
    checkTypes(node, ['float32'], ['float32']);
    const { shape } = input(node, 0);
    if (shape.length !== 3) throw badShape(node, `landmarks must be of rank 3, not [${shape}]`);
    optionsOf(node);
  },
  shapes: () => [[1, 4, 4]],
  run({ node, inputs }) {
    const { subset, left, right, target, height, width, scaleX, scaleY } = optionsOf(node);
    const points = inputs[0]!.data as Float32Array;
    const point = (i: number) => [points[3 * i]!, points[3 * i + 1]!] as const;
    const [[lx, ly], [rx, ry]] = [point(left), point(right)];
    const angle = target - Math.atan2(ry - ly, rx - lx);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const turned = subset.map(point).map(([x, y]) => [cos * x - sin * y, sin * x + cos * y] as const);
    const [xs, ys] = [turned.map(([x]) => x), turned.map(([, y]) => y)];
    const [left0, right0, top0, bottom0] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const [middleX, middleY] = [(left0 + right0) / 2, (top0 + bottom0) / 2];
    // Back: the box's center, then the rotation of what is scaled around the output's center.
    const [centerX, centerY] = [cos * middleX + sin * middleY, cos * middleY - sin * middleX];
    const [sx, sy] = [(scaleX * (right0 - left0)) / width, (scaleY * (bottom0 - top0)) / height];
    const row = (a: number, b: number, center: number) => [a, b, 0, center - (a * width) / 2 - (b * height) / 2];
    const rows = [row(cos * sx, sin * sy, centerX), row(-sin * sx, cos * sy, centerY), [0, 0, 1, 0], [0, 0, 0, 1]];
    return [{ shape: [1, 4, 4], data: Float32Array.from(rows.flat()) }];
  },
});
