// Models of sound with recordings: streams, frame by frame, with what they remember, and names of what is heard.
import { describe, expect, test } from 'vitest';
import type { TypedArray } from '../bindings/dtype.js';
import { Interpreter, loadModel } from '../bindings/node.js';
import { extra } from '../bindings/ops/extra.js';
import { builds } from './support/builds.js';
import { difference, numbers } from './support/compare.js';
import { readModel } from './support/operators.js';
import { Rng } from './support/random.js';
import { ReferenceInterpreter } from './support/reference.js';
import { readShared, sharedFiles } from './support/shared.js';
import type { ReferenceTensor } from './support/spec.js';
import { specByOp } from './support/specs.js';

const there = sharedFiles(['models/audio', 'inputs/audio'], /./).length > 0;
if (!there) test.skip('models of sound: ../shared is not there', () => {});

const modelOf = (name: string) => readShared(`models/audio/${name}.tflite`);

/** Samples of a WAV file of 16 bits, whatever chunks it has. */
function samplesOf(name: string): { samples: Int16Array; rate: number } {
  const bytes = readShared(`inputs/audio/${name}.wav`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let rate = 0;
  for (let at = 12; at < bytes.length; ) {
    const id = String.fromCharCode(...bytes.subarray(at, at + 4));
    const size = view.getUint32(at + 4, true);
    if (id === 'fmt ') rate = view.getUint32(at + 12, true);
    if (id === 'data') return { samples: new Int16Array(bytes.slice(at + 8, at + 8 + size - (size % 2)).buffer), rate };
    at += 8 + size + (size % 2);
  }
  throw new Error(`${name} has no samples`);
}

/** 40 features of each 30 ms, by steps of 20, as TensorFlow Lite Micro's front end makes them. */
async function features(name: string): Promise<Int8Array[]> {
  using model = await loadModel(modelOf('audio_preprocessor_int8'));
  using front = await Interpreter.create(model, { customOps: extra });
  const { samples } = samplesOf(name);
  const frames: Int8Array[] = [];
  for (let at = 0; at + 480 <= samples.length; at += 320) {
    front.inputs[0]!.set(samples.slice(at, at + 480));
    front.invoke();
    frames.push(front.outputs[0]!.copy<Int8Array>());
  }
  return frames;
}

/** What a model of streams hears of a recording, three steps a frame. */
async function framesOf(name: string): Promise<Int8Array[]> {
  const heard = await features(name);
  return Array.from({ length: Math.floor(heard.length / 3) }, (_, i) =>
    Int8Array.from(heard.slice(3 * i, 3 * i + 3).flatMap((frame) => [...frame])),
  );
}

interface Stream {
  readonly build: (typeof builds)[number];
  readonly arithmetic?: 'fast' | 'exact';
}

/** Outputs of frame after frame. */
async function stream(name: string, frames: readonly TypedArray[], { build, arithmetic }: Stream) {
  using model = await loadModel(modelOf(name), { build });
  using interpreter = await Interpreter.create(model, { arithmetic });
  return frames.map((frame) => {
    interpreter.inputs[0]!.set(frame);
    interpreter.invoke();
    return interpreter.outputs[0]!.copy();
  });
}

/** The same beside what the plain references make of them, which keep the same state. */
async function expectStream(name: string, frames: readonly TypedArray[], build: Stream['build'], rtol = 0) {
  const bytes = modelOf(name);
  const reference = new ReferenceInterpreter(readModel(bytes), bytes, specByOp);
  const outputs = await stream(name, frames, { build, arithmetic: 'exact' });
  for (const [i, got] of outputs.entries()) {
    const [{ dtype, data }] = reference.run([frames[i]!]) as [ReferenceTensor];
    const largest = Math.max(...numbers(dtype, data).map(Math.abs));
    expect(difference(dtype, got, data, { atol: rtol * largest }), `${name}, frame ${i}`).toBe(null);
  }
  return outputs;
}

/** The best score of a recording. */
const best = (scores: readonly TypedArray[]) => Math.max(...scores.map(([score]) => Number(score)));

describe.skipIf(!there).each(builds)('streams, %s', (build) => {
  test('okay_nabu hears its word neither in yes nor in silence', async () => {
    const frames = [...(await framesOf('yes_1000ms')), ...(await framesOf('silence_1000ms'))];
    expect(best(await expectStream('okay_nabu', frames, build))).toBeLessThan(128);
    expect(best(await stream('okay_nabu', frames, { build }))).toBeLessThan(128);
  });

  test('vad tells speech from silence', async () => {
    const [speech, silence] = [await framesOf('speech'), await framesOf('silence_1000ms')];
    expect(best(await expectStream('vad', speech, build))).toBeGreaterThan(240);
    expect(best(await stream('vad', speech, { build }))).toBeGreaterThan(240);
    expect(best(await expectStream('vad', silence, build))).toBeLessThan(160);
  });

  test('keyword_scrambled and dtln_noise_suppression, whose states are variables', async () => {
    const rng = new Rng(9);
    const words = Array.from({ length: 12 }, () => rng.data('int16', [1, 96]));
    const spectra = Array.from({ length: 5 }, () => rng.data('int8', [1, 1, 257]));
    await expectStream('keyword_scrambled', words, build);
    await expectStream('dtln_noise_suppression', spectra, build);
  });

  test('soundstream_encoder, float between its quantized convolutions', async () => {
    const { samples } = samplesOf('speech');
    const frames = [0, 1, 2].map((i) =>
      Float32Array.from(samples.slice(4000 + 320 * i, 4320 + 320 * i), (s) => s / 32768),
    );
    await expectStream('soundstream_encoder', frames, build, 1e-3);
  });

  test('each interpreter has a stream of its own', async () => {
    const frames = (await framesOf('speech')).slice(0, 8);
    const first = await stream('vad', frames, { build });
    expect(await stream('vad', frames, { build })).toEqual(first);
    // What it heard before matters.
    expect((await stream('vad', frames.slice(4), { build })).at(-1)).not.toEqual(first.at(-1));
  });
});

describe.skipIf(!there)('YAMNet', () => {
  test.each(builds)('names speech, %s', async (build) => {
    const { samples, rate } = samplesOf('speech');
    expect(rate).toBe(16000);
    using model = await loadModel(modelOf('yamnet_audio_classifier_with_metadata'), { build });
    using interpreter = await Interpreter.create(model);
    const labels = await model.labels();
    const { size } = interpreter.inputs[0]!;
    for (let at = 0; at + size <= samples.length; at += size) {
      interpreter.inputs[0]!.set(Float32Array.from(samples.slice(at, at + size), (s) => s / 32768));
      interpreter.invoke();
      const scores = interpreter.outputs[0]!.real();
      const highest = Math.max(...scores);
      expect(labels?.[scores.indexOf(highest)]).toBe('Speech');
      expect(highest).toBeGreaterThan(0.9);
    }
  });
});

// Its recorded outputs are all below 1e-38, so they say nothing.
describe.skipIf(!there)('Basic Pitch', () => {
  test.each(builds)('names the notes of tones, %s', async (build) => {
    using model = await loadModel(modelOf('nmp'), { build });
    using interpreter = await Interpreter.create(model);
    for (const [hertz, midi] of [
      [440, 69],
      [261.63, 60],
    ] as const) {
      interpreter.inputs[0]!.set(
        Float32Array.from({ length: 43844 }, (_, t) => 0.5 * Math.sin((2 * Math.PI * hertz * t) / 22050)),
      );
      interpreter.invoke();
      // Frames of the 88 keys of a piano, the lowest of which is 21.
      const notes = interpreter.outputs[1]!;
      const keys = new Float64Array(88);
      for (const [i, p] of notes.real().entries()) keys[i % 88]! += p / notes.shape[1]!;
      expect(keys.indexOf(Math.max(...keys))).toBe(midi - 21);
      expect(Math.max(...keys)).toBeGreaterThan(0.5);
    }
  });
});
