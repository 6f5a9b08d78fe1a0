import { badShape, count, input, invalid, type OpNode, output, unsupported } from '../../graph/ir.js';
import { readFlexMap } from '../../model/flexbuffer.js';
import { hostOperator } from '../shared/host.js';

function optionsOf(node: OpNode) {
  const map = readFlexMap(node.customOptions);
  const integer = (name: string) => Math.trunc(Number(map[name] ?? 0));
  const [upper, lower] = [integer('upper_frequency_limit'), integer('lower_frequency_limit')];
  const [channels, coefficients] = [integer('filterbank_channel_count'), integer('dct_coefficient_count')];
  if (!(lower >= 0 && upper > lower)) throw invalid(node, `frequencies from ${lower} to ${upper}`);
  if (!(coefficients >= 1 && channels >= coefficients && channels <= 1e5)) {
    throw invalid(node, `${coefficients} coefficients of ${channels} channels`);
  }
  return { upper, lower, channels, coefficients };
}

const mel = (frequency: number) => 1127 * Math.log1p(frequency / 700);

/**
 * Triangles that overlap halfway, evenly spaced in mel: each bin from `first` to `last` adds to the channel `band`, by its weight,
 * and to the one above it, by the rest.
 */
function filterBank(bins: number, rate: number, { upper, lower, channels }: ReturnType<typeof optionsOf>) {
  const low = mel(lower);
  const spacing = (mel(upper) - low) / (channels + 1);
  const centers = Float64Array.from({ length: channels + 1 }, (_, i) => low + spacing * (i + 1));
  const perBin = (0.5 * rate) / (bins - 1);
  const [first, last] = [Math.trunc(1.5 + lower / perBin), Math.trunc(upper / perBin)];
  const [bands, weights] = [new Int32Array(bins), new Float64Array(bins)];
  let channel = 0;
  for (let i = first; i <= Math.min(last, bins - 1); i++) {
    const m = mel(i * perBin);
    while (channel < channels && centers[channel]! < m) channel++;
    const below = channel ? centers[channel - 1]! : low;
    bands[i] = channel - 1;
    weights[i] = (centers[channel]! - m) / (centers[channel]! - below);
  }
  return { first, last, bands, weights };
}

/** Mel-frequency cepstral coefficients of squared magnitudes [channels, frames, bins]; TFLite computes in doubles, too. */
export const mfcc = hostOperator({
  name: 'Mfcc',
  check(node) {
    const [x, rate, y] = [input(node, 0), input(node, 1), output(node)];
    if (x.dtype !== 'float32' || rate.dtype !== 'int32' || y.dtype !== 'float32') {
      throw unsupported(node, `${x.dtype} and ${rate.dtype} to ${y.dtype}`);
    }
    if (x.shape.length !== 3 || x.shape[2]! < 2)
      throw badShape(node, `expected [channels, frames, bins], not [${x.shape}]`);
    if (count(rate) !== 1) throw badShape(node, `the sample rate must be one number, not [${rate.shape}]`);
    optionsOf(node);
  },
  shapes: ({ node, inputs }) => [[...inputs[0]!.shape.slice(0, 2), optionsOf(node).coefficients]],
  run({ node, inputs }) {
    const options = optionsOf(node);
    const { channels, coefficients } = options;
    const [x, rate] = [inputs[0]!.data as Float32Array, Number(inputs[1]!.data[0])];
    if (!(rate > 0)) throw invalid(node, `sample rate ${rate}`);
    const [c, frames, bins] = inputs[0]!.shape as [number, number, number];
    const { first, last, bands, weights } = filterBank(bins, rate, options);
    const norm = Math.sqrt(2 / channels);
    const cosines = Float64Array.from({ length: coefficients * channels }, (_, i) => {
      const [k, j] = [Math.floor(i / channels), i % channels];
      return norm * Math.cos(((k * Math.PI) / channels) * (j + 0.5));
    });
    const energies = new Float64Array(channels + 1);
    const data = new Float32Array(c * frames * coefficients);
    // Where the upper limit is beyond the spectrum, TFLite's coefficients are zeros.
    for (let frame = 0; frame < c * frames && last < bins; frame++) {
      energies.fill(0);
      for (let i = first; i <= last; i++) {
        const magnitude = Math.sqrt(x[frame * bins + i]!);
        const weighted = magnitude * weights[i]!;
        if (bands[i]! >= 0) energies[bands[i]!]! += weighted;
        energies[bands[i]! + 1]! += magnitude - weighted;
      }
      for (let j = 0; j < channels; j++) energies[j] = Math.log(Math.max(energies[j]!, 1e-12));
      for (let k = 0; k < coefficients; k++) {
        let sum = 0;
        for (let j = 0; j < channels; j++) sum += cosines[k * channels + j]! * energies[j]!;
        data[frame * coefficients + k] = sum;
      }
    }
    return [{ shape: [c, frames, coefficients], data }];
  },
});
