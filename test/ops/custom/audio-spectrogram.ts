import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

function build(rng: Rng, samples: number, channels: number, window: number, stride: number, squared: boolean): OpCase {
  return {
    name: `[${samples}, ${channels}] by ${window}, stride ${stride}${squared ? ', squared' : ''}`,
    customOptions: new Uint8Array(encode({ window_size: window, stride, magnitude_squared: squared })),
    inputs: [rng.tensor('float32', [samples, channels])],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const rng = new Rng(52);

/** Windows of samples times a Hann window, padded to a power of two, as the magnitudes of their discrete Fourier transform. */
export default {
  op: 'AudioSpectrogram',
  custom: true,

  reference({ inputs: [x], customOptions }) {
    const options = readFlexMap(customOptions!);
    const [window, stride] = [Number(options.window_size), Number(options.stride)];
    const [samples, channels] = x!.shape as [number, number];
    const length = 2 ** Math.ceil(Math.log2(window));
    const bins = length / 2 + 1;
    const frames = samples < window ? 0 : 1 + Math.floor((samples - window) / stride);
    const data = new Float32Array(channels * frames * bins);
    for (let i = 0; i < data.length; i++) {
      const [c, frame, k] = [Math.floor(i / bins / frames), Math.floor(i / bins) % frames, i % bins];
      let [re, im] = [0, 0];
      for (let j = 0; j < window; j++) {
        const v = Number(x!.data[(frame * stride + j) * channels + c]);
        const weighted = v * (0.5 - 0.5 * Math.cos((2 * Math.PI * j) / window));
        re += weighted * Math.cos((2 * Math.PI * k * j) / length);
        im -= weighted * Math.sin((2 * Math.PI * k * j) / length);
      }
      const power = re * re + im * im;
      data[i] = options.magnitude_squared ? power : Math.sqrt(power);
    }
    return [{ shape: [channels, frames, bins], data }];
  },

  cases: [
    build(rng, 32, 2, 16, 8, true),
    build(rng, 50, 1, 20, 7, false),
    build(rng, 9, 3, 2, 5, false),
    build(rng, 3, 2, 4, 1, true),
  ],

  random(rng) {
    return build(rng, rng.int(1, 80), rng.int(1, 3), rng.int(2, 40), rng.int(1, 20), rng.bool());
  },
} satisfies OpSpec as OpSpec;
