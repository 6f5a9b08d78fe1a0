import { resizeCases } from '../support/resize.js';
import type { OpCase, OpSpec, ReferenceNode, ReferenceResult } from '../support/spec.js';
import { at, empty } from '../support/window.js';

const { fround } = Math;

/** The input position that output `o` copies; positions are computed in float32. */
function nearest(o: number, size: number, out: number, align: boolean, half: boolean): number {
  const scale = align && out > 1 ? fround((size - 1) / (out - 1)) : fround(size / out);
  const p = fround((half ? o + 0.5 : o) * scale);
  return Math.min(align ? Math.round(p) : Math.floor(p), size - 1);
}

function reference({ inputs, options }: ReferenceNode): ReferenceResult[] {
  const x = inputs[0]!;
  const [height, width] = Array.from(inputs[1]!.data as Int32Array) as [number, number];
  const [batch, h, w, channels] = x.shape as [number, number, number, number];
  const { alignCorners, halfPixelCenters } = options;
  const shape = [batch, height, width, channels];
  const data = empty(x.dtype, batch * height * width * channels);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < height; oy++) {
      const y = nearest(oy, h, height, alignCorners, halfPixelCenters);
      for (let ox = 0; ox < width; ox++) {
        const column = nearest(ox, w, width, alignCorners, halfPixelCenters);
        for (let c = 0; c < channels; c++) data[at(shape, n, oy, ox, c)] = x.data[at(x.shape, n, y, column, c)]!;
      }
    }
  }
  return [{ shape, data }];
}

const { cases, random } = resizeCases(
  ['float32', 'uint8', 'int8', 'int16', 'int32', 'int64'],
  [{}, { alignCorners: true }, { halfPixelCenters: true }, { alignCorners: true, halfPixelCenters: true }],
);

/** To no pixels at all. */
const nothing: OpCase = {
  ...cases[0]!,
  name: 'to 0x8',
  inputs: [cases[0]!.inputs[0]!, { dtype: 'int32', shape: [2], data: Int32Array.of(0, 8), constant: true }],
};

export default {
  op: 'RESIZE_NEAREST_NEIGHBOR',
  reference,
  cases: [...cases, nothing],
  random,
  tolerance: () => ({ lsb: 0, atol: 0 }),
} satisfies OpSpec;
