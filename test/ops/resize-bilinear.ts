import { resizeCases } from '../support/resize.js';
import type { OpSpec, ReferenceNode, ReferenceResult } from '../support/spec.js';
import { at, empty } from '../support/window.js';

const { fround } = Math;

interface Position {
  /** The two neighbours, and how far the position is from the lower one (beyond the edge: negative, or 0 .. 1). */
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

/** In float32, every step rounded. */
function position(o: number, size: number, out: number, align: boolean, half: boolean): Position {
  const scale = align && out > 1 ? fround((size - 1) / (out - 1)) : fround(size / out);
  const p = half ? fround(fround(fround(o + 0.5) * scale) - 0.5) : fround(o * scale);
  const low = Math.max(Math.floor(p), 0);
  return { low, high: Math.min(Math.ceil(p), size - 1), fraction: fround(p - low) };
}

/** In integers of 1/1024. */
function position10(o: number, size: number, out: number, align: boolean, half: boolean): Position {
  const [n, d] = align && out > 1 ? [size - 1, out - 1] : [size, out];
  const scale = Math.floor((n * 1024 + Math.floor(d / 2)) / d);
  const p = o * scale + (half ? Math.floor(scale / 2) - 512 : 0);
  const low = Math.max(Math.trunc(p / 1024), 0);
  return { low, high: Math.min(Math.trunc((p + 1023) / 1024), size - 1), fraction: p - low * 1024 };
}

function reference({ inputs, options }: ReferenceNode): ReferenceResult[] {
  const x = inputs[0]!;
  const [height, width] = Array.from(inputs[1]!.data as Int32Array) as [number, number];
  const [batch, h, w, channels] = x.shape as [number, number, number, number];
  const { alignCorners, halfPixelCenters } = options;
  const fixed = x.dtype === 'int8' || x.dtype === 'int16';
  const locate = fixed ? position10 : position;
  const shape = [batch, height, width, channels];
  const data = empty(x.dtype, batch * height * width * channels);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < height; oy++) {
      const v = locate(oy, h, height, alignCorners, halfPixelCenters);
      for (let ox = 0; ox < width; ox++) {
        const u = locate(ox, w, width, alignCorners, halfPixelCenters);
        for (let c = 0; c < channels; c++) {
          const corners = [v.low, v.high].flatMap((y) => {
            return [u.low, u.high].map((column) => Number(x.data[at(x.shape, n, y, column, c)]));
          });
          const one = fixed ? 1024 : 1;
          const down = [fround(one - v.fraction), v.fraction];
          const across = [fround(one - u.fraction), u.fraction];
          const weights = down.flatMap((a) => across.map((b) => fround(a * b)));
          const i = at(shape, n, oy, ox, c);
          if (fixed) {
            const sum = corners.reduce((s, corner, k) => s + corner * weights[k]!, 0);
            data[i] = Math.sign(sum) * Math.floor((Math.abs(sum) + 2 ** 19) / 2 ** 20);
          } else {
            const sum = corners.reduce((s, corner, k) => fround(s + fround(corner * weights[k]!)), 0);
            data[i] = x.dtype === 'uint8' ? Math.trunc(fround(sum + 0.5)) : sum;
          }
        }
      }
    }
  }
  return [{ shape, data }];
}

export default {
  op: 'RESIZE_BILINEAR',
  reference,
  ...resizeCases(['float32', 'uint8', 'int8', 'int16'], [{}, { alignCorners: true }, { halfPixelCenters: true }]),
  tolerance: () => ({ lsb: 0 }),
} satisfies OpSpec;
