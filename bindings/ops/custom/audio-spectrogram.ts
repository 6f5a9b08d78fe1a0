import { badShape, input, invalid, type OpNode, output, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { twiddles } from '../rfft2d.js';
import { hostOperator } from '../shared/host.js';

function optionsOf(node: OpNode) {
  const { window_size, stride, magnitude_squared } = readFlexMap(node.customOptions);
  const [window, step] = [Math.trunc(Number(window_size ?? 0)), Math.trunc(Number(stride ?? 0))];
  if (!(window >= 2 && window <= 2 ** 24 && step >= 1)) throw invalid(node, `window ${window}, stride ${step}`);
  return { window, stride: step, length: 2 ** Math.ceil(Math.log2(window)), squared: Boolean(magnitude_squared) };
}

function shapeOf(node: OpNode, [samples, channels]: readonly number[]) {
  const { window, stride, length } = optionsOf(node);
  return [channels!, Math.max(0, Math.floor((samples! - window) / stride) + 1), length / 2 + 1];
}

/** Magnitudes, or their squares, of the spectra of overlapping windows; TFLite computes in doubles, too. */
export const audioSpectrogram = hostOperator({
  name: 'AudioSpectrogram',
  check(node) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype !== 'float32' || y.dtype !== 'float32') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    if (x.shape.length !== 2) throw badShape(node, `expected [samples, channels], not [${x.shape}]`);
    optionsOf(node);
  },
  shapes: ({ node, inputs }) => [shapeOf(node, inputs[0]!.shape)],
  run({ node, inputs }) {
    const { window, stride, length, squared } = optionsOf(node);
    const x = inputs[0]!.data as Float32Array;
    const shape = shapeOf(node, inputs[0]!.shape);
    const [channels, frames, bins] = shape as [number, number, number];
    const hann = Float64Array.from({ length: window }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / window));
    const table = twiddles(length);
    const [re, im] = [new Float64Array(length), new Float64Array(length)];
    const data = new Float32Array(channels * frames * bins);
    for (let i = 0; i < channels * frames; i++) {
      const channel = Math.floor(i / frames);
      const first = (i - channel * frames) * stride;
      re.fill(0);
      im.fill(0);
      for (let j = 0; j < window; j++) re[j] = x[(first + j) * channels + channel]! * hann[j]!;
      fourier(re, im, table);
      for (let k = 0; k < bins; k++) {
        const power = Math.fround(re[k]! * re[k]! + im[k]! * im[k]!);
        data[i * bins + k] = squared ? power : Math.sqrt(power);
      }
    }
    return [{ shape, data }];
  },
});

/** Transforms n complex numbers in place, n a power of two; `table` has the twiddles of n. */
function fourier(re: Float64Array, im: Float64Array, table: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
  for (let half = 1; half < n; half *= 2) {
    const step = n / half;
    for (let p = 0; p < n; p += half) {
      for (let k = 0; k < half; k++, p++) {
        const q = p + half;
        const [c, s] = [table[k * step]!, table[k * step + 1]!];
        const [a, b] = [re[q]! * c - im[q]! * s, re[q]! * s + im[q]! * c];
        re[q] = re[p]! - a;
        im[q] = im[p]! - b;
        re[p]! += a;
        im[p]! += b;
      }
    }
  }
}
