import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

function build(rng: Rng, shape: readonly number[], [height, width]: readonly number[], version: 1 | 2): OpCase {
  const options =
    version === 1 ? { mode: 'bilinear', output_size: [height, width] } : { output_height: height, output_width: width };
  // Halves and quarters, so that what is outside does not depend on rounding.
  const quarter = (lo: number, hi: number) => rng.int(4 * lo, 4 * hi) / 4;
  const matrix = Float32Array.of(
    ...[quarter(-1, 2), quarter(-1, 1), 0, quarter(-2, 4)],
    ...[quarter(-1, 1), quarter(-1, 2), 0, quarter(-2, 4)],
    ...[0, 0, 1, 0],
    ...[0, 0, 0, 1],
  );
  return {
    name: `[${shape}] to ${height} x ${width}, version ${version}`,
    version,
    customOptions: new Uint8Array(encode(options)),
    inputs: [rng.tensor('float32', shape), { dtype: 'float32', shape: [1, 4, 4], data: matrix }],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(64);

/** The image where an affine map brings the output's pixels (in version 2, their centers), between its four neighbours; 0 outside. */
export default {
  op: 'TransformTensorBilinear',
  custom: true,

  reference({ inputs: [x, matrix], customOptions }) {
    const map = readFlexMap(customOptions!);
    const [oh, ow] = (map.output_size ?? [map.output_height, map.output_width]) as [number, number];
    const center = map.output_size ? 0 : 0.5;
    const [, height, width, channels] = x!.shape as [number, number, number, number];
    const m = Array.from(matrix!.data as Float32Array);
    const data = new Float32Array(oh * ow * channels);
    for (let i = 0; i < data.length; i++) {
      const [oy, ox] = [Math.floor(i / channels / ow) + center, (Math.floor(i / channels) % ow) + center];
      const px = m[0]! * ox + m[1]! * oy + m[3]! - center;
      const py = m[4]! * ox + m[5]! * oy + m[7]! - center;
      if (px < 0 || py < 0 || px > width - 1 || py > height - 1) continue;
      for (let y = 0; y < height; y++) {
        for (let column = 0; column < width; column++) {
          const weight = Math.max(0, 1 - Math.abs(y - py)) * Math.max(0, 1 - Math.abs(column - px));
          data[i]! += weight * Number(x!.data[(y * width + column) * channels + (i % channels)]);
        }
      }
    }
    return [{ shape: [1, oh, ow, channels], data }];
  },

  cases: [
    build(rng, [1, 8, 9, 3], [5, 6], 2),
    build(rng, [1, 6, 5, 2], [7, 4], 1),
    build(rng, [1, 1, 1, 1], [3, 3], 2),
  ],

  random(rng) {
    const shape = [1, rng.int(1, 8), rng.int(1, 8), rng.int(1, 4)];
    return build(rng, shape, [rng.int(1, 6), rng.int(1, 6)], rng.pick([1, 2]));
  },
} satisfies OpSpec as OpSpec;
