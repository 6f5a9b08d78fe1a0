import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

/** Version 2 has no options: the last dimension is that of the points. */
function build(rng: Rng, shape: readonly number[], options?: { dimensions: number; scale: number }): OpCase {
  return {
    name: `[${shape}] ${JSON.stringify(options)}`,
    version: options ? 1 : 2,
    customOptions: options && new Uint8Array(encode(options)),
    inputs: [rng.tensor('float32', shape), rng.tensor('float32', [1, 4, 4])],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(63);

/** x and y of every point by an affine map; z stays. */
export default {
  op: 'TransformLandmarks',
  custom: true,

  reference({ inputs: [x, matrix], customOptions }) {
    const { dimensions = x!.shape.at(-1)!, scale = 1 } = customOptions ? readFlexMap(customOptions) : {};
    const m = Array.from(matrix!.data as Float32Array);
    const data = Float32Array.from(x!.data as Float32Array);
    for (let i = 0; i < data.length; i += Number(dimensions)) {
      const [px, py] = [Number(x!.data[i]), Number(x!.data[i + 1])];
      data[i] = m[0]! * px + m[1]! * py + m[3]! * Number(scale);
      data[i + 1] = m[4]! * px + m[5]! * py + m[7]! * Number(scale);
    }
    return [{ shape: x!.shape, data }];
  },

  cases: [
    build(rng, [1, 80, 3]),
    build(rng, [1, 7, 2]),
    build(rng, [1, 1, 1, 240], { dimensions: 3, scale: 0.5 }),
    build(rng, [1, 2, 3, 8], { dimensions: 2, scale: 192 }),
  ],
} satisfies OpSpec as OpSpec;
