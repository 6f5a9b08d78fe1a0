import { encode } from 'flatbuffers/js/flexbuffers.js';
import { readFlexMap } from '../../../bindings/model/flexbuffer.js';
import { Rng } from '../../support/random.js';
import type { OpCase, OpSpec } from '../../support/spec.js';

function build(
  rng: Rng,
  shape: readonly number[],
  rate: number,
  [lower, upper]: readonly [number, number],
  channels: number,
  coefficients: number,
): OpCase {
  const options = {
    lower_frequency_limit: lower,
    upper_frequency_limit: upper,
    filterbank_channel_count: channels,
    dct_coefficient_count: coefficients,
  };
  const x = rng.tensor('float32', shape);
  return {
    name: `[${shape}] at ${rate}, ${JSON.stringify(options)}`,
    customOptions: new Uint8Array(encode(options)),
    inputs: [
      { ...x, data: (x.data as Float32Array).map(Math.abs) },
      { dtype: 'int32', shape: [1], data: Int32Array.of(rate), constant: rng.bool() },
    ],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

const mel = (frequency: number) => 1127 * Math.log1p(frequency / 700);
const rng = new Rng(53);

/** Magnitudes under triangles in mel, their logarithms, and the cosine transform of these. */
export default {
  op: 'Mfcc',
  custom: true,

  reference({ inputs: [x, rate], customOptions }) {
    const map = readFlexMap(customOptions!);
    const [lower, upper] = [Number(map.lower_frequency_limit), Number(map.upper_frequency_limit)];
    const [channels, coefficients] = [Number(map.filterbank_channel_count), Number(map.dct_coefficient_count)];
    const [c, frames, bins] = x!.shape as [number, number, number];
    const perBin = Number(rate!.data[0]) / 2 / (bins - 1);
    const [first, last] = [Math.floor(1.5 + lower / perBin), Math.floor(upper / perBin)];
    const edge = (i: number) => mel(lower) + ((mel(upper) - mel(lower)) / (channels + 1)) * i;
    const data = new Float32Array(c * frames * coefficients);
    for (let frame = 0; frame < c * frames && last < bins; frame++) {
      const logs = Array.from({ length: channels }, (_, j) => {
        let energy = 0;
        for (let bin = first; bin <= last; bin++) {
          const m = mel(bin * perBin);
          // From the peak of one triangle to that of the next, which are where their neighbours begin and end.
          const [up, down] = [(m - edge(j)) / (edge(j + 1) - edge(j)), (edge(j + 2) - m) / (edge(j + 2) - edge(j + 1))];
          const rising = m <= edge(j + 1) && (m > edge(j) || j === 0);
          const falling = m > edge(j + 1) && (m <= edge(j + 2) || j === channels - 1);
          energy += (rising ? up : falling ? down : 0) * Math.sqrt(Number(x!.data[frame * bins + bin]));
        }
        return Math.log(Math.max(energy, 1e-12));
      });
      for (let k = 0; k < coefficients; k++) {
        const sum = logs.reduce((a, v, j) => a + v * Math.cos(((k * Math.PI) / channels) * (j + 0.5)), 0);
        data[frame * coefficients + k] = sum * Math.sqrt(2 / channels);
      }
    }
    return [{ shape: [c, frames, coefficients], data }];
  },

  cases: [
    build(rng, [1, 2, 65], 16000, [20, 4000], 40, 13),
    build(rng, [2, 3, 257], 8000, [20, 3900], 20, 5),
    // Beyond the spectrum.
    build(rng, [1, 1, 33], 8000, [20, 4200], 10, 3),
  ],

  random(rng) {
    const limits = [rng.int(0, 300), rng.int(1000, 3900)] as const;
    const channels = rng.int(1, 40);
    return build(rng, [rng.int(1, 2), rng.int(1, 3), rng.int(33, 300)], 8000, limits, channels, rng.int(1, channels));
  },

  tolerance: () => ({ rtol: 1e-5, atol: 1e-4 }),
} satisfies OpSpec as OpSpec;
