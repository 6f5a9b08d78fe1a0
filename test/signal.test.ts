// TensorFlow Lite Micro's audio front end against that library's own vectors, and words from it.
import * as flexbuffers from 'flatbuffers/js/flexbuffers.js';
import { describe, expect, test } from 'vitest';
import type { DType, TypedArray } from '../bindings/dtype.js';
import { Engine, Interpreter, loadModel } from '../bindings/node.js';
import { extra } from '../bindings/ops/extra.js';
import { builds } from './support/builds.js';
import { runOp } from './support/run-op.js';
import { readShared, sharedFiles } from './support/shared.js';
import type { TensorSpec } from './support/spec.js';

const { fround } = Math;
const operators = new Map(extra.map((operator) => [operator.name, operator]));
const engines = builds.map((build) => [build, Engine.create({ build })] as const);
const there = new Set(sharedFiles(['inputs/signal_ops', 'inputs/audio', 'models/audio'], /./));

const fed = (dtype: DType, data: TypedArray, shape = [data.length]): TensorSpec => ({ dtype, shape, data });
const int16 = (values: readonly number[]) => fed('int16', Int16Array.from(values));
const uint32 = (values: readonly number[]) => fed('uint32', Uint32Array.from(values));

/** What one operator makes of inputs. */
async function apply(
  engine: Promise<Engine>,
  op: string,
  inputs: TensorSpec[],
  outputs: DType[],
  options: Record<string, number | boolean> = {},
) {
  const c = {
    name: op,
    inputs,
    outputs: outputs.map((dtype) => ({ dtype, shape: [] })),
    customOptions: new Uint8Array(flexbuffers.encode(options)),
  };
  return runOp(op, c, await engine, operators, 'exact').map(({ data }) => Array.from(data as Int32Array, Number));
}

/** Numbers of a file's lines, in groups after its header. */
function vectors(name: string, group: number, header = 1): [header: string[], groups: number[][][]] {
  const lines = new TextDecoder()
    .decode(readShared(`inputs/signal_ops/${name}.txt`))
    .trimEnd()
    .split('\n');
  const rows = lines.slice(header).map((line) => line.trim().split(/\s+/).map(Number));
  const groups = Array.from({ length: Math.floor(rows.length / group) }, (_, i) =>
    rows.slice(group * i, group * (i + 1)),
  );
  // Files repeat what they are about in hundreds of frames.
  return [lines[0]!.trim().split(/\s+/), groups.filter((_, i) => i % 7 === 0)];
}

const mel = (f: number) => fround(1127 * fround(Math.log1p(fround(f / 700))));

/** The weights that the library's tools compute for a filter bank. */
function filterBank(spectrum: number, rate: number, channels: number, lower: number, upper: number) {
  const spacing = fround(fround(mel(upper) - mel(lower)) / fround(channels + 1));
  const centers = Array.from({ length: channels + 1 }, (_, i) => fround(mel(lower) + fround(spacing * (i + 1))));
  const hz = rate / 2 / (spectrum - 1);
  const [starts, weightStarts, widths]: number[][] = [[], [], []];
  const [weights, unweights]: number[][] = [[], []];
  let f = Math.round(1 + lower / hz);
  for (let c = 0; c <= channels; c++) {
    starts!.push(f);
    weightStarts!.push(weights!.length);
    const before = c ? centers[c - 1]! : mel(lower);
    for (; mel(f * hz) <= centers[c]!; f++) {
      const weight = fround(fround(centers[c]! - mel(f * hz)) / fround(centers[c]! - before));
      weights!.push(Math.trunc(weight * 4096));
      unweights!.push(Math.trunc(fround(1 - weight) * 4096));
    }
    widths!.push(weights!.length - weightStarts![c]!);
  }
  return [weights, unweights, starts, weightStarts, widths].map((list) => int16(list!));
}

/** Values and parabolas between powers of two of the gain by noise. */
function gainTable(strength: number, offset: number, inputBits: number, gainBits: number): number[] {
  const gain = (x: number) => {
    const y = fround(2 ** gainBits * fround(fround(fround(x / 2 ** inputBits) + fround(offset)) ** -fround(strength)));
    return y > 32767 ? 32767 : Math.trunc(fround(y + 0.5));
  };
  const table = [gain(0), gain(1)];
  for (let bits = 2; bits <= 32; bits++) {
    const x = 2 ** (bits - 1);
    const [y0, y1, y2] = [gain(x), gain(1.5 * x), gain(bits === 32 ? 2 * x - 1 : 2 * x)];
    const slope = 4 * (y1 - y0) - (y2 - y0);
    table.push(y0, slope, y2 - y0 - slope, 0);
  }
  return table;
}

describe.skipIf(there.size === 0).each(engines)('the vectors, %s', (_, engine) => {
  test('SignalWindow', async () => {
    const [[, , bits], frames] = vectors('window_test1', 2);
    const n = frames[0]![0]!.length;
    const weights = Array.from({ length: n }, (_, i) =>
      Math.round((0.5 - 0.5 * Math.cos(((2 * Math.PI) / n) * (i + 0.5))) * 2 ** Number(bits)),
    );
    for (const [x, y] of frames) {
      const got = await apply(engine, 'SignalWindow', [int16(x!), int16(weights)], ['int16'], { shift: Number(bits) });
      expect(got).toEqual([y]);
    }
  });

  test('SignalFftAutoScale', async () => {
    for (const [x, y, bits] of vectors('fft_auto_scale_test1', 3, 0)[1]) {
      expect(await apply(engine, 'SignalFftAutoScale', [int16(x!)], ['int16', 'int32'])).toEqual([y, bits]);
    }
  });

  test('SignalRfft', async () => {
    const [[n], frames] = vectors('rfft_test1', 2);
    for (const [x, y] of frames) {
      const options = { T: 7, fft_length: Number(n) };
      expect(await apply(engine, 'SignalRfft', [int16(x!)], ['int16'], options)).toEqual([y]);
    }
  });

  test('SignalEnergy', async () => {
    const [[first, last], frames] = vectors('energy_test1', 2);
    const options = { start_index: Number(first), end_index: Number(last) };
    for (const [x, y] of frames) {
      const [got] = await apply(engine, 'SignalEnergy', [int16(x!)], ['uint32'], options);
      expect(got!.slice(Number(first), Number(last))).toEqual(y!.slice(Number(first), Number(last)));
    }
  });

  test('SignalFilterBank', async () => {
    const [[rate, channels, lower, upper], frames] = vectors('filter_bank_test1', 2);
    const weights = filterBank(257, Number(rate), Number(channels), Number(lower), Number(upper));
    for (const [x, y] of frames) {
      const options = { num_channels: Number(channels) };
      const got = await apply(engine, 'SignalFilterBank', [uint32(x!), ...weights], ['uint64'], options);
      expect(got).toEqual([y]);
    }
  });

  test.each(['8k', '44k'])('SignalFilterBank at %s', async (name) => {
    const [header, rows] = vectors(`filter_bank_accumulation_${name}`, 1);
    const [n, rate, lower, upper, channels] = header.map(Number) as [number, number, number, number, number];
    const x = uint32(Array.from({ length: n }, (_, i) => i));
    const weights = filterBank(n, rate, channels, lower, upper);
    const [got] = await apply(engine, 'SignalFilterBank', [x, ...weights], ['uint64'], { num_channels: channels });
    // As far as the library's own test goes.
    for (const [i, [y]] of rows.entries()) expect(Math.abs(got![7 * i]! - y![0]!)).toBeLessThanOrEqual(144);
  });

  test('SignalFilterBankSquareRoot', async () => {
    for (const [x, bits, y] of vectors('filter_bank_square_root_test1', 3, 0)[1]) {
      const inputs = [fed('uint64', BigUint64Array.from(x!, BigInt)), fed('int32', Int32Array.from(bits!), [])];
      expect(await apply(engine, 'SignalFilterBankSquareRoot', inputs, ['uint32'])).toEqual([y]);
    }
  });

  test('SignalPCAN', async () => {
    const [header, frames] = vectors('pcan_op_test1', 3);
    const [strength, offset, gainBits, smoothingBits, correctionBits] = header.map(Number);
    const table = int16(gainTable(strength!, offset!, smoothingBits! - correctionBits!, gainBits!));
    for (const [x, noise, y] of frames) {
      const got = await apply(engine, 'SignalPCAN', [uint32(x!), uint32(noise!), table], ['uint32'], { snr_shift: 6 });
      expect(got).toEqual([y]);
    }
  });

  test('SignalFilterBankLog', async () => {
    const x = [29, 21, 29, 40, 19, 11, 13, 23, 13, 11, 25, 17, 5, 4, 46, 14, 17, 14, 20, 14, 2, 0, 1, 2 ** 28];
    const options = { output_scale: 1600, input_correction_bits: 3 };
    const [got] = await apply(engine, 'SignalFilterBankLog', [uint32(x)], ['int16'], options);
    // The last one is too large to shift.
    const wanted = x.slice(0, -1).map((v) => (v ? 1600 * Math.log(8 * v) : 0));
    for (const [i, y] of wanted.entries()) expect(Math.abs(got![i]! - y)).toBeLessThan(1.5);
  });

  test('SignalFilterBankSpectralSubtraction', async () => {
    const options = {
      ...{ smoothing: 655, one_minus_smoothing: 15729, alternate_smoothing: 983, alternate_one_minus_smoothing: 15401 },
      ...{
        smoothing_bits: 10,
        min_signal_remaining: 819,
        clamping: true,
        num_channels: 2,
        spectral_subtraction_bits: 14,
      },
    };
    const c = {
      name: 'two channels',
      inputs: [uint32([1000, 2000])],
      outputs: [uint32([]), uint32([])],
      customOptions: new Uint8Array(flexbuffers.encode(options)),
    };
    const [y, noise] = runOp('SignalFilterBankSpectralSubtraction', c, await engine, operators, 'exact');
    const first = [Math.floor((1000 * 1024 * 655) / 16384), Math.floor((2000 * 1024 * 983) / 16384)];
    expect(Array.from(noise!.data as Uint32Array)).toEqual(first);
    expect(Array.from(y!.data as Uint32Array)).toEqual(first.map((n, i) => Math.floor(((i + 1) * 1024000 - n) / 1024)));
  });
});

const samplesOf = (name: string) => new Int16Array(readShared(`inputs/audio/${name}.wav`).slice(44).buffer);

/** What micro_speech_test.cc expects of the first 30 ms. */
const FEATURES = {
  yes: `124 105 126 103 125 101 123 100 116 98 115 97 113 90 91 82 104 96 117 97 121 103 126 101 125 104 126 104 125 101 116 90
    81 74 80 71 83 76 82 71`,
  no: `126 103 124 102 124 102 123 100 118 97 118 100 118 98 121 100 121 98 117 91 96 74 54 87 100 87 109 92 91 80 64 55 83 74
    74 78 114 95 101 81`,
};

test.skipIf(!there.has('models/audio/audio_preprocessor_int8.tflite')).each(builds)(
  'hears yes and no, %s',
  async (build) => {
    const load = (name: string) => loadModel(readShared(`models/audio/${name}.tflite`), { build });
    using front = await Interpreter.create(await load('audio_preprocessor_int8'), { customOps: extra });
    using speech = await Interpreter.create(await load('micro_speech_quantized'));
    for (const [word, features] of Object.entries(FEATURES)) {
      front.resetVariables();
      front.inputs[0]!.set(samplesOf(`${word}_30ms`).slice(0, 480));
      front.invoke();
      expect(Array.from(front.outputs[0]!.data() as Int8Array)).toEqual(features.split(/\s+/).map(Number));
    }
    const words = ['silence', 'unknown', 'yes', 'no'];
    for (const word of ['yes', 'no', 'yes']) {
      const wav = readShared(`inputs/audio/${word}_1000ms.wav`);
      const samples = new Int16Array(wav.slice(wav.length % 2 ? 45 : 44).buffer);
      front.resetVariables();
      const features = new Int8Array(49 * 40);
      for (let i = 0; i < 49; i++) {
        front.inputs[0]!.set(samples.slice(320 * i, 320 * i + 480));
        front.invoke();
        features.set(front.outputs[0]!.data() as Int8Array, 40 * i);
      }
      speech.inputs[0]!.set(features);
      speech.invoke();
      const scores = Array.from(speech.outputs[0]!.data() as Int8Array);
      expect(words[scores.indexOf(Math.max(...scores))]).toBe(word);
    }
  },
);
