import { elementCount } from '../../dtype.js';
import { badShape, count, input, invalid, type OpNode, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { hostOperator } from '../shared/host.js';
import { checkRank4, checkTypes } from './shared.js';

function sizeOf(node: OpNode): [height: number, width: number] {
  const map = readFlexMap(node.customOptions);
  if (map.mode !== undefined && map.mode !== 'bilinear') throw unsupported(node, `mode ${map.mode}`);
  const size = node.version === 1 ? map.output_size : [map.output_height!, map.output_width!];
  const [height, width] = Array.isArray(size) ? size.map(Number) : [];
  const legal = (n: number | undefined) => Number.isInteger(n) && n! > 0 && n! < 2 ** 24;
  if (!legal(height) || !legal(width)) throw invalid(node, `output of size ${height} x ${width}`);
  return [height!, width!];
}

/**
 * MediaPipe's affine crop: the output pixel at (x, y) is the image's, interpolated, where the first two rows of a 4x4 matrix bring it;
 * 0 outside. From version 2 on pixels are squares with their centers at halves.
 */
export const transformTensorBilinear = hostOperator({
  name: 'TransformTensorBilinear',
  check(node) {
    checkTypes(node, ['float32', 'float32'], ['float32']);
    const [x, matrix] = [input(node, 0), input(node, 1)];
    checkRank4(node, x);
    if (x.shape[0] !== 1) throw badShape(node, `[${x.shape}] is not one image`);
    if (count(matrix) < 8) throw badShape(node, `[${matrix.shape}] is not a matrix 4x4`);
    sizeOf(node);
  },
  shapes: ({ node, inputs }) => [[1, ...sizeOf(node), inputs[0]!.shape[3]!]],
  run({ node, inputs }) {
    const { fround } = Math;
    const x = inputs[0]!.data as Float32Array;
    const [, height, width, channels] = inputs[0]!.shape as [number, number, number, number];
    const [oh, ow] = sizeOf(node);
    const matrix = Array.from(inputs[1]!.data as Float32Array);
    const [rowX, rowY] = [0, 4].map((first) => {
      const [a, b, , d] = matrix.slice(first, first + 4) as [number, number, number, number];
      return [a, b, node.version === 1 ? d : fround(d + (a * 0.5 + b * 0.5 - 0.5))] as const;
    }) as [readonly [number, number, number], readonly [number, number, number]];
    const along = ([a, b, d]: readonly [number, number, number], ox: number, oy: number) =>
      fround(fround(fround(a * ox) + fround(b * oy)) + d);
    const shape = [1, oh, ow, channels];
    const data = new Float32Array(elementCount(shape));
    const pixel = (y: number, px: number, c: number) =>
      y < height && px < width ? x[(y * width + px) * channels + c]! : 0;
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        const [tx, ty] = [along(rowX, ox, oy), along(rowY, ox, oy)];
        if (!(tx >= 0 && tx <= width - 1 && ty >= 0 && ty <= height - 1)) continue;
        const [left, top] = [Math.floor(tx), Math.floor(ty)];
        const [right, lower] = [tx - left, ty - top];
        for (let c = 0; c < channels; c++) {
          const above = fround((1 - right) * pixel(top, left, c) + right * pixel(top, left + 1, c));
          const below = fround((1 - right) * pixel(top + 1, left, c) + right * pixel(top + 1, left + 1, c));
          data[(oy * ow + ox) * channels + c] = lower * below + (1 - lower) * above;
        }
      }
    }
    return [{ shape, data }];
  },
});
