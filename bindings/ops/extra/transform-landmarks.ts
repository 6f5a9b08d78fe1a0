import { badShape, count, input, invalid, type OpNode } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { hostOperator } from '../shared/host.js';
import { checkTypes } from './shared.js';

/** Numbers of a landmark, and what the matrix's translation is multiplied by. */
function optionsOf(node: OpNode) {
  const { shape } = input(node, 0);
  const map = node.version === 1 ? readFlexMap(node.customOptions) : { dimensions: shape.at(-1)! };
  const [dimensions, scale] = [Number(map.dimensions ?? 3), Math.fround(Number(map.scale ?? 1))];
  if (dimensions !== 2 && dimensions !== 3) throw invalid(node, `landmarks of ${dimensions} numbers`);
  if (!scale) throw invalid(node, `scale ${scale}`);
  return { dimensions, scale };
}

/** MediaPipe's affine map of points by the first two rows of a 4x4 matrix; a third coordinate stays as it is. */
export const transformLandmarks = hostOperator({
  name: 'TransformLandmarks',
  check(node) {
    checkTypes(node, ['float32', 'float32'], ['float32']);
    const [x, matrix] = [input(node, 0), input(node, 1)];
    const rank = node.version === 1 ? 4 : 3;
    if (x.shape.length !== rank) throw badShape(node, `landmarks must be of rank ${rank}, not [${x.shape}]`);
    if (count(matrix) < 8) throw badShape(node, `[${matrix.shape}] is not a matrix 4x4`);
    const { dimensions } = optionsOf(node);
    if (x.shape.at(-1)! % dimensions) throw badShape(node, `[${x.shape}] is not of landmarks of ${dimensions} numbers`);
  },
  shapes: ({ inputs }) => [inputs[0]!.shape],
  run({ node, inputs }) {
    const { dimensions, scale } = optionsOf(node);
    const [{ shape, data: x }, { data: matrix }] = [inputs[0]!, inputs[1]!];
    const m = Array.from(matrix as Float32Array);
    const data = Float32Array.from(x as Float32Array, (v, i) => {
      const axis = i % dimensions;
      if (axis === 2) return v;
      const [px, py] = [Number(x[i - axis]), Number(x[i - axis + 1])];
      return m[4 * axis]! * px + m[4 * axis + 1]! * py + Math.fround(m[4 * axis + 3]! * scale);
    });
    return [{ shape, data }];
  },
});
