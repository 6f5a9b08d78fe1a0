/**
 * Models that `lanelite compile` wrote: the same answers as the .tflite files', bit by bit; refusals that say what to do; damage of
 * all kinds. `LANELITE_HOSTILE=5000` tries more of it.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  Engine,
  Interpreter,
  type InterpreterOptions,
  LaneliteError,
  type LoadOptions,
  loadModel,
} from '../bindings/index.js';
import { argumentsAt, checksum, HEADER_BYTES, type Head, type Machine } from '../bindings/model/compiled.js';
import { compileModel } from '../bindings/tools/compile.js';
import { fillInput } from '../bindings/tools/run.js';
import { arithmetics, builds } from './support/builds.js';
import { damage } from './support/damage.js';
import { Rng } from './support/random.js';
import { readShared, sharedFiles } from './support/shared.js';

const example = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../examples/digits/${name}.tflite`, import.meta.url)));

/** Everything that a user sees of two runs: state has to carry over. */
async function answers(bytes: Uint8Array, load: LoadOptions, options: InterpreterOptions = {}) {
  using model = await loadModel(bytes, load);
  using interpreter = await Interpreter.create(model, options);
  for (const tensor of interpreter.inputs) fillInput(tensor, 1);
  interpreter.invoke();
  interpreter.invoke();
  return {
    inputs: interpreter.getInputDetails(),
    outputs: interpreter.getOutputDetails(),
    signatures: interpreter.getSignatureList(),
    data: interpreter.outputs.map((output) => Buffer.from(output.bytes()).toString('base64')),
  };
}

const small = sharedFiles(['models/tiny', 'models/audio', 'models/graph', 'models/face'], /\.tflite$/);
const large = sharedFiles(
  ['models/classification', 'models/segmentation'],
  /v2_1.0_224_quant\.tflite$|deeplabv3\.tflite$/,
);

/** What keeps a model from a file; null where nothing does, and undefined where it does not run at all. */
async function compiles(bytes: Uint8Array, file: string) {
  const expected = await answers(bytes, { build: 'simd' }).catch(() => null);
  if (!expected) return;
  const compiled = await compileModel(bytes, { arithmetics }).catch((error) => {
    // Plans of these depend on what a run computes, or keep state that the interpreter owns.
    expect([file, error.code]).toEqual([file, 'UNSUPPORTED_OPERATOR']);
    expect(error.message).toMatch(/ship the \.tflite file/);
  });
  if (!compiled) return;
  for (const build of builds) {
    for (const arithmetic of arithmetics) {
      const ours = await answers(compiled.bytes, { build }, { arithmetic });
      expect(ours).toEqual(await answers(bytes, { build }, { arithmetic }));
    }
  }
}

describe('compiled models answer as the files that they are made of', () => {
  test.each(['digits', 'digits_int8'])('%s', (name) => compiles(example(name), name));
  test.each([...small, ...large])('%s', (file) => compiles(readShared(file), file));
});

describe('a compiled model', () => {
  let file: Uint8Array;
  let source: Uint8Array;
  beforeAll(async () => {
    source = example('digits_int8');
    file = (await compileModel(source)).bytes;
  });
  const portable = async (machine: Machine) => (await compileModel(source, { machines: [machine] })).bytes;

  test('has an engine to itself', async () => {
    const engine = await Engine.create();
    await expect(loadModel(file, { engine })).rejects.toMatchObject({ code: 'ARGUMENT', message: /engine to itself/ });
    expect(engine.map.used()).toBe(0);
  });

  test('says what it was compiled for where that does not fit', async () => {
    using model = await loadModel(file, { build: 'simd' });
    await expect(Interpreter.create(model, { arithmetic: 'exact' })).rejects.toThrow(/compiled for fast arithmetic/);
    await expect(Interpreter.create(model, { preserveAllTensors: true })).rejects.toThrow(/load the \.tflite file/);
    await expect(loadModel(await portable('arm'), { build: 'simd' })).rejects.toMatchObject({
      code: 'HOST',
      message: /compiled for arm, and this is 'portable' \(simd build\)/,
    });
    const other = edited(file, (head) => ({ ...head, kernels: 'of another version', lanelite: '7.0.0' }));
    await expect(loadModel(other)).rejects.toMatchObject({ code: 'MODEL_FORMAT', message: /Lanelite 7\.0\.0 .*again/ });
    const gone = edited(file, (head) => ({ ...head, exports: head.exports.map((name) => `${name}_before`) }));
    await expect(loadModel(gone)).rejects.toThrow(/has no kernel '\w+_before'/);
    await expect(compileModel(file)).rejects.toMatchObject({ code: 'ARGUMENT' });
  });

  test('keeps its shapes', async () => {
    using model = await loadModel(file);
    using interpreter = await Interpreter.create(model);
    const { index, shape } = interpreter.inputs[0]!;
    interpreter.resizeInputTensor(index, [2, ...shape.slice(1)]);
    expect(() => interpreter.allocateTensors()).toThrow(/load the \.tflite file to resize/);
    interpreter.resizeInputTensor(index, shape);
    interpreter.allocateTensors();
    interpreter.invoke();
  });

  test('serves several interpreters, threads, profiles, and gives its memory back', async () => {
    const expected = (await answers(source, {})).data;
    const model = await loadModel(file);
    const first = await Interpreter.create(model);
    const second = await Interpreter.create(model, { threads: 2 });
    for (const interpreter of [first, second]) fillInput(interpreter.inputs[0]!, 1);
    first.invoke();
    let steps = 0;
    second.invokeObserved(() => steps++);
    await second.invokeAsync();
    for (const { outputs } of [first, second]) {
      expect(outputs.map((output) => Buffer.from(output.bytes()).toString('base64'))).toEqual(expected);
    }
    expect(second.info.threads).toBe(2);
    expect(steps).toBe(second.plans[0]!.instructions.length);
    expect(first.memory).toMatchObject({ image: file.length, packed: 0 });
    const { engine } = model;
    for (const one of [second, first, model]) one.close();
    expect(engine.map.used()).toBe(0);
  });

  test('stores what targets share once', async () => {
    const float = example('digits');
    const one = await compileModel(float, { machines: ['portable'] });
    const all = await compileModel(float, { arithmetics });
    expect(all.bytes.length - one.bytes.length).toBeLessThan(1024);
    expect(one.bytes.length).toBeLessThan(1.1 * float.length);
  });

  const labelled = sharedFiles(['models/audio'], /yamnet.*metadata\.tflite$/);
  test.skipIf(labelled.length === 0)('has metadata and associated files', async () => {
    const bytes = readShared(labelled[0]!);
    using before = await loadModel(bytes);
    using after = await loadModel((await compileModel(bytes, { machines: ['portable'] })).bytes);
    expect(after.metadata).toEqual(before.metadata);
    expect(await after.labels()).toEqual(await before.labels());
  });

  describe('damaged', () => {
    const TRIES = Number(process.env.LANELITE_HOSTILE ?? 300);

    async function attempt(bytes: Uint8Array): Promise<string> {
      const started = performance.now();
      let stage = 'load';
      try {
        using model = await loadModel(bytes, { build: 'simd', maxMemory: 2 ** 26 });
        stage = 'create';
        using interpreter = await Interpreter.create(model);
        stage = 'run';
        interpreter.invoke();
        stage = 'answer';
      } catch (error) {
        if (!(error instanceof LaneliteError)) throw error;
      }
      expect(performance.now() - started).toBeLessThan(5000);
      return stage;
    }

    test('cut off anywhere', async () => {
      for (let size = 0; size < file.length; size += 1 + Math.floor(size / 16)) {
        expect([size, await attempt(file.slice(0, size))]).toEqual([size, 'load']);
      }
    });

    test('at random', async () => {
      const rng = new Rng(17);
      for (let n = 0; n < TRIES; n++) await attempt(damage(file, rng));
    });

    test('with intent: a head that makes no sense, and a checksum that does', async () => {
      const rng = new Rng(18);
      const stages = new Set<string>();
      for (let n = 0; n < TRIES; n++) stages.add(await attempt(edited(file, (head) => mutated(head, rng))));
      expect(stages).toContain('load');
    });

    test('with intent: addresses outside memory trap', async () => {
      const view = new DataView(file.slice().buffer);
      const length = view.getUint32(12, true);
      const head: Head = JSON.parse(new TextDecoder().decode(file.subarray(HEADER_BYTES, HEADER_BYTES + length)));
      for (const { first, steps } of head.plans) {
        let at = first;
        // Sizes are left alone: large ones just take long.
        for (const kind of steps.flatMap(([, , , kinds]) => [...kinds])) {
          const bytes = file.slice();
          const target = new DataView(bytes.buffer);
          const address = at % 3 ? 2 ** 31 : Number.NaN;
          target.setFloat64(argumentsAt(length) + 8 * at++, address, true);
          // Plans for other machines are not looked at.
          if (kind !== '0') expect(await attempt(sealed(bytes))).toMatch(/load|run|answer/);
        }
      }
    });
  });
});

/** The file with another head. */
function edited(file: Uint8Array, edit: (head: Head) => unknown): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [length, args] = [view.getUint32(12, true), view.getUint32(16, true)];
  const head = JSON.parse(new TextDecoder().decode(file.subarray(HEADER_BYTES, HEADER_BYTES + length)));
  const text = new TextEncoder().encode(JSON.stringify(edit(head)));
  const rest = file.subarray(argumentsAt(length) + 8 * args);
  const table = argumentsAt(text.length);
  const bytes = new Uint8Array(table + 8 * args + rest.length);
  bytes.set(file.subarray(0, HEADER_BYTES));
  bytes.set(text, HEADER_BYTES);
  bytes.set(file.subarray(argumentsAt(length), argumentsAt(length) + 8 * args), table);
  bytes.set(rest, table + 8 * args);
  const words = new DataView(bytes.buffer);
  words.setUint32(8, bytes.length, true);
  words.setUint32(12, text.length, true);
  return sealed(bytes);
}

/** The file with the right checksum. */
function sealed(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  const end = argumentsAt(view.getUint32(12, true)) + 8 * view.getUint32(16, true);
  view.setUint32(20, checksum(bytes.subarray(HEADER_BYTES, end)), true);
  return bytes;
}

/** JSON with one place changed; the numbers of work units alone are left as they are, for large ones just take long. */
function mutated(head: Head, rng: Rng): unknown {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  const copy = structuredClone(head) as unknown as Record<string, unknown>;
  visit(copy);
  const [node, key] = rng.pick(places);
  const value = node[key];
  const isUnits = Array.isArray(node) && node.length === 4 && typeof node[3] === 'string' && key === '2';
  if (isUnits) return copy;
  node[key] = rng.pick([
    null,
    -1,
    0,
    1,
    7,
    2 ** 31,
    1.5,
    '',
    'float32',
    [],
    {},
    [[]],
    value,
    typeof value === 'number' ? value + 1 : 0,
  ]);
  return copy;
}
