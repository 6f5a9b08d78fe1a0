import { elementCount } from '../../../bindings/dtype.js';
import { packPool, unpackPool } from '../../support/pool-options.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';
import { at, slide } from '../../support/window.js';

function build(rng: Rng, shape: readonly number[], filter: number[], strides: number[], same: boolean): OpCase {
  return {
    name: `[${shape}] by ${filter}, stride ${strides} ${same ? 'SAME' : 'VALID'}`,
    customOptions: packPool(same, strides, filter),
    inputs: [rng.tensor('float32', shape)],
    outputs: [
      { dtype: 'float32', shape: [] },
      { dtype: 'float32', shape: [] },
    ],
  };
}

const rng = new Rng(61);

/** The largest of each window, and which tap of it that is. */
export default {
  op: 'MaxPoolingWithArgmax2D',
  custom: true,

  reference(node) {
    const x = node.inputs[0]!;
    const { same, strides, filter } = unpackPool(node);
    const padding = same ? 'SAME' : 'VALID';
    const [h, w] = [0, 1].map((i) => slide({ padding }, 'h', x.shape[i + 1]!, filter[i]!, strides[i]!));
    const shape = [x.shape[0]!, h!.size, w!.size, x.shape[3]!];
    const [data, taps] = [new Float32Array(elementCount(shape)), new Float32Array(elementCount(shape))];
    for (let n = 0; n < shape[0]!; n++) {
      for (let oy = 0; oy < h!.size; oy++) {
        for (let ox = 0; ox < w!.size; ox++) {
          for (let c = 0; c < shape[3]!; c++) {
            let best = -Infinity;
            for (let ky = 0; ky < filter[0]; ky++) {
              for (let kx = 0; kx < filter[1]; kx++) {
                const [y, px] = [oy * strides[0] - h!.before + ky, ox * strides[1] - w!.before + kx];
                if (y < 0 || y >= x.shape[1]! || px < 0 || px >= x.shape[2]!) continue;
                const v = Number(x.data[at(x.shape, n, y, px, c)]);
                if (v <= best) continue;
                best = v;
                taps[at(shape, n, oy, ox, c)] = ky * filter[1] + kx + Math.fround(0.1);
              }
            }
            data[at(shape, n, oy, ox, c)] = best;
          }
        }
      }
    }
    return [
      { shape, data },
      { shape, data: taps },
    ];
  },

  cases: [build(rng, [1, 6, 8, 3], [2, 2], [2, 2], true), build(rng, [2, 5, 7, 2], [3, 2], [2, 1], false)],

  random(rng) {
    const filter = [rng.int(1, 3), rng.int(1, 3)];
    const shape = [rng.int(1, 2), rng.int(3, 8), rng.int(3, 8), rng.int(1, 4)];
    return build(rng, shape, filter, [rng.int(1, 3), rng.int(1, 3)], rng.bool());
  },
} satisfies OpSpec as OpSpec;
