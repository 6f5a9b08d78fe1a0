import { elementCount } from '../../../bindings/dtype.js';
import { packPool, unpackPool } from '../../support/pool-options.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult } from '../../support/spec.js';
import { at } from '../../support/window.js';

function reference(node: ReferenceNode): ReferenceResult[] {
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!];
  const { same, strides, filter } = unpackPool(node);
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const taps = indices.dtype === 'float32';
  const size = (n: number, i: 0 | 1) =>
    taps ? n * filter[i] : same ? n * strides[i] : (n - 1) * strides[i] + filter[i];
  const shape = [batch, size(height, 0), size(width, 1), channels];
  const cut = ([n, i]: readonly [number, 0 | 1]) =>
    Math.floor(Math.max(0, (n - 1) * strides[i] + filter[i] - n * filter[i]) / 2);
  const [top, left] = [cut([height, 0]), cut([width, 1])];
  const data = new Float32Array(elementCount(shape));
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < height; y++) {
      for (let px = 0; px < width; px++) {
        for (let c = 0; c < channels; c++) {
          const i = at(x.shape, n, y, px, c);
          const index = Math.floor(Number(indices.data[i]));
          const [oy, ox] = [
            y * strides[0] - top + Math.floor(index / filter[1]),
            px * strides[1] - left + (index % filter[1]),
          ];
          data[taps ? at(shape, n, oy, ox, c) : (n * data.length) / batch + index] = Number(x.data[i]);
        }
      }
    }
  }
  return [{ shape, data }];
}

/** Indices such as a pooling gives: one tap for each window, or a position for each element. */
function build(rng: Rng, shape: number[], filter: number[], strides: number[], same: boolean, taps: boolean): OpCase {
  const n = elementCount(shape);
  const [height, width] = [0, 1].map((i) =>
    same ? shape[i + 1]! * strides[i]! : (shape[i + 1]! - 1) * strides[i]! + filter[i]!,
  );
  const image = height! * width! * shape[3]!;
  const data = taps
    ? Float32Array.from({ length: n }, () => rng.int(0, filter[0]! * filter[1]! - 1) + 0.1)
    : Int32Array.from({ length: n }, () => rng.int(0, image - 1));
  return {
    name: `[${shape}] by ${filter}, stride ${strides} ${same ? 'SAME' : 'VALID'}, ${taps ? 'taps' : 'positions'}`,
    customOptions: packPool(same, strides, filter),
    inputs: [rng.tensor('float32', shape), { dtype: taps ? 'float32' : 'int32', shape, data }],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

function random(rng: Rng): OpCase {
  const filter = [rng.int(1, 3), rng.int(1, 3)];
  const taps = rng.bool();
  // With other strides, MediaPipe's taps would lie outside of its output.
  const strides = taps ? filter : [rng.int(1, 3), rng.int(1, 3)];
  return build(rng, [rng.int(1, 2), rng.int(1, 5), rng.int(1, 5), rng.int(1, 4)], filter, strides, rng.bool(), taps);
}

const rng = new Rng(62);
const cases = [
  build(rng, [1, 8, 8, 16], [2, 2], [2, 2], true, false),
  build(rng, [2, 2, 4, 2], [2, 2], [2, 3], false, false),
  build(rng, [2, 3, 5, 4], [2, 3], [2, 3], true, true),
];

/** Each element to where its index says; later ones over earlier ones. */
export default ['MaxUnpooling2D', 'LiteRtMaxUnpooling2D'].map((op): OpSpec => {
  return { op, custom: true, reference, cases, random };
});
