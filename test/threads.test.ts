import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { elementCount } from '../bindings/dtype.js';
import { type Host, setHost } from '../bindings/hosts/host.js';
import { nodeHost } from '../bindings/hosts/node.js';
import { startTeamIn } from '../bindings/hosts/node-threads.js';
import { ArgumentError, Engine, HostError, Interpreter, loadModel, type Model, StateError } from '../bindings/index.js';
import { SubgraphRunner } from '../bindings/runtime/runner.js';
import type { StartThread, ThreadSupport } from '../bindings/threads/host.js';
import { PATIENCE, threadSupport } from '../bindings/threads/pool.js';
import { sharesOf } from '../bindings/threads/shares.js';
import { generateInput } from '../bindings/tools/inputs.js';
import { buildOpModel } from './support/build-model.js';
import { arithmetics, builds } from './support/builds.js';
import { SHARED } from './support/goldens.js';
import { GraphBuilder } from './support/graph-builder.js';
import { allOperators } from './support/operators.js';
import { Rng } from './support/random.js';

const threaded = builds.filter((build) => build !== 'scalar');
const root = new URL('..', import.meta.url).pathname;
const digits = readFileSync(join(root, 'examples/digits/digits.tflite'));
/** Enough work for several threads: 1.2 million elements. */
const large = buildOpModel('ABS', {
  name: 'large',
  inputs: [{ dtype: 'float32', shape: [1200, 1000] }],
  outputs: [{ dtype: 'float32', shape: [1200, 1000] }],
});

const withThreads = (threads: ThreadSupport | null): Host => ({
  ...nodeHost,
  threads: threads ? async () => threads : undefined,
});
const original = { ...PATIENCE };
afterEach(() => {
  setHost(nodeHost);
  Object.assign(PATIENCE, original);
});

/** Threads of the script `node-thread.js`, or of other code, with what became of them. */
function watched(code?: string) {
  const workers: Worker[] = [];
  const ended: Promise<unknown>[] = [];
  const start: StartThread = (receive) => {
    const worker = code
      ? new Worker(code, { eval: true })
      : new Worker(new URL('../build/node-thread.js', import.meta.url));
    workers.push(worker);
    ended.push(new Promise((resolve) => worker.on('exit', resolve)));
    worker.on('message', receive);
    worker.on('error', (error) => receive({ failed: String(error) }));
    worker.on('exit', () => receive({ failed: 'it ended' }));
    return {
      post: (message) => worker.postMessage(message),
      keepsAlive: (yes) => (yes ? worker.ref() : worker.unref()),
      terminate: () => worker.terminate(),
    };
  };
  const compile = async (build: string) =>
    new WebAssembly.Module(readFileSync(join(root, `build/lanelite.${build}-threads.wasm`)));
  return { support: threadSupport({ reason: null, compile, start }), workers, ended };
}

function fill(interpreter: Interpreter, seed = 1): void {
  for (const [i, input] of interpreter.inputs.entries()) {
    input.set(generateInput(seed, i, input.dtype, elementCount(input.shape)));
  }
}
const outputs = (interpreter: Interpreter) =>
  interpreter.outputs.map((output) => Buffer.from(output.bytes()).toString('base64'));

describe.each(threaded)('%s', (build) => {
  const FILES = [
    'classification/mobilenet_v1_0.25_224_1_default_1.tflite',
    'classification/tf2_mobilenet_v2_1.0_224_ptq.tflite',
    'detection/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite',
    'cifar10/cifar10_resnet18_pruned_dynamic.tflite',
    'face/face_landmark.tflite',
  ];
  const there = existsSync(SHARED);
  const models: { file: string; bytes: () => Uint8Array }[] = [
    { file: 'digits', bytes: () => digits },
    { file: 'digits_int8', bytes: () => readFileSync(join(root, 'examples/digits/digits_int8.tflite')) },
    ...(there ? FILES.map((file) => ({ file, bytes: () => readFileSync(join(SHARED, 'models', file)) })) : []),
  ];

  describe.each(arithmetics)('%s', (arithmetic) => {
    test.each(models)('$file: the same bytes with 1, 2 and 3 threads', async ({ bytes }) => {
      using model = await loadModel(bytes(), { build });
      const results: string[][] = [];
      for (const threads of [1, 2, 3]) {
        using interpreter = await Interpreter.create(model, { threads, arithmetic });
        expect(interpreter.info).toMatchObject({ threads, build });
        for (let run = 0; run < 3; run++) {
          fill(interpreter);
          interpreter.invoke();
          results.push(outputs(interpreter));
        }
        fill(interpreter, 2);
        await interpreter.invokeAsync();
        fill(interpreter);
        await interpreter.invokeAsync();
        results.push(outputs(interpreter));
      }
      for (const result of results) expect(result).toEqual(results[0]);
    });
  });

  test('random graphs', async () => {
    const engine = await Engine.create({ build, threads: 3 });
    const operators = new Map(allOperators.map((operator) => [operator.name, operator]));
    const team = await startTeamIn(engine, 3);
    expect(team.count).toBe(3);
    for (let seed = 0; seed < 20; seed++) {
      const rng = new Rng(seed);
      const g = new GraphBuilder(engine, operators);
      const size = rng.int(40, 120);
      const x = g.tensor({ dtype: 'float32', shape: [1, size, size, 8] });
      const all = [x];
      const node = (op: string, inputs: typeof all, options = {}) => {
        const y = g.tensor({ dtype: 'float32', shape: [] });
        g.node(op, inputs, [y], { options });
        return y;
      };
      for (let i = 0; i < 12; i++) {
        const a = rng.pick(all);
        const b = rng.pick(all);
        const op = rng.pick(['ADD', 'MUL', 'ABS', 'LOGISTIC', 'AVERAGE_POOL_2D', 'CONV_2D', 'SOFTMAX', 'MAXIMUM']);
        const window = { padding: 'SAME', strideH: 1, strideW: 1, dilationHFactor: 1, dilationWFactor: 1 };
        if (op === 'CONV_2D') {
          const k = rng.pick([1, 3]);
          const w = rng.tensor('float32', [8, k, k, 8]);
          const filter = g.tensor({ ...w, constant: true });
          all.push(node(op, [a, filter], { ...window, fusedActivationFunction: 'RELU6' }));
        } else if (op === 'AVERAGE_POOL_2D') {
          all.push(node(op, [a], { ...window, filterHeight: 3, filterWidth: 3, fusedActivationFunction: 'NONE' }));
        } else if (op === 'ABS' || op === 'LOGISTIC' || op === 'SOFTMAX') {
          all.push(node(op, [a], { beta: 1 }));
        } else {
          all.push(node(op, [a, b], { fusedActivationFunction: 'NONE' }));
        }
      }
      const y = all.at(-1)!;
      const results: string[] = [];
      for (const t of [undefined, team]) {
        const options = { arithmetic: 'fast', preserveAllTensors: false, team: t } as const;
        const runner = new SubgraphRunner(g.graph([x], [y]), g.resources, options);
        runner.prepare();
        const input = new Uint8Array(generateInput(seed, 0, 'float32', elementCount(x.shape)).buffer);
        const at = runner.locate(x.id).address!;
        for (let run = 0; run < 3; run++) {
          engine.bytes.set(input, at);
          runner.run();
          const out = runner.locate(y.id).address!;
          results.push(Buffer.from(engine.bytes.slice(out, out + input.length)).toString('base64'));
        }
        runner.release();
      }
      expect(new Set(results).size, `seed ${seed}`).toBe(1);
      g.release();
    }
    team.close();
    expect(engine.map.used()).toBe(0);
  });
});

describe('memory', () => {
  test('a model moves where threads are, and open interpreters stay where they were', async () => {
    using model = await loadModel(large);
    const before = model.engine;
    const one = await Interpreter.create(model);
    const two = await Interpreter.create(model, { threads: 2 });
    expect(model.engine).not.toBe(before);
    expect(before.map.used('image')).toBeGreaterThan(0);
    fill(one);
    fill(two);
    one.invoke();
    two.invoke();
    expect(outputs(two)).toEqual(outputs(one));
    one.close();
    expect(before.map.used()).toBe(0);
    two.close();
    model.close();
    expect(model.engine.map.used()).toBe(0);
  });

  test('loadModel with threads saves the move', async () => {
    using model = await loadModel(large, { threads: 2 });
    const { engine } = model;
    expect(engine.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    using interpreter = await Interpreter.create(model, { threads: 2 });
    expect(interpreter.info).toMatchObject({ threads: 2, threadsReason: null });
    expect(model.engine).toBe(engine);
  });

  test('interpreters with more and fewer threads share an engine', async () => {
    const { support, workers, ended } = watched();
    setHost(withThreads(support));
    using model = await loadModel(large, { threads: 2 });
    const all = await Promise.all([2, 3, 1, 2, 4, 3, 2, 1].map((threads) => Interpreter.create(model, { threads })));
    expect(workers.length).toBe(3);
    const results = all.map((interpreter, i) => {
      fill(interpreter, 1 + (i % 3));
      interpreter.invoke();
      return outputs(interpreter)[0];
    });
    for (const [i, result] of results.entries()) expect(result).toBe(results[i % 3]);
    for (const interpreter of all) interpreter.close();
    await Promise.all(ended);
  });

  test('shared memory grows under running threads', async () => {
    using model = await loadModel(large);
    using interpreter = await Interpreter.create(model, { threads: 3 });
    for (const rows of [10, 400, 3000, 1000]) {
      interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [rows, 1000]);
      interpreter.allocateTensors();
      interpreter.inputs[0]!.set(new Float32Array(rows * 1000).fill(-rows));
      interpreter.invoke();
      const result = interpreter.outputs[0]!.copy();
      expect(result.length).toBe(rows * 1000);
      expect(result.every((y) => y === rows)).toBe(true);
    }
  });
});

describe('close', () => {
  test('ends the threads of the last interpreter', async () => {
    const { support, workers, ended } = watched();
    setHost(withThreads(support));
    using model = await loadModel(large);
    for (let round = 0; round < 3; round++) {
      const a = await Interpreter.create(model, { threads: 3 });
      const b = await Interpreter.create(model, { threads: 2 });
      fill(a);
      a.invoke();
      a.close();
      a.close();
      fill(b);
      b.invoke();
      b.close();
    }
    expect(workers.length).toBe(6);
    await Promise.all(ended);
  });

  test('waits for a run in the background', async () => {
    const { support, ended } = watched();
    setHost(withThreads(support));
    const model = await loadModel(large);
    const interpreter = await Interpreter.create(model, { threads: 2 });
    fill(interpreter);
    const done = interpreter.invokeAsync();
    expect(() => interpreter.invoke()).toThrow(StateError);
    interpreter.close();
    model.close();
    expect(model.engine.map.used()).toBeGreaterThan(0);
    await done;
    await Promise.all(ended);
    expect(model.engine.map.used()).toBe(0);
  });

  test('other interpreters run while one is in the background', async () => {
    using model = await loadModel(large);
    using a = await Interpreter.create(model, { threads: 2 });
    using b = await Interpreter.create(model, { threads: 2 });
    fill(a);
    fill(b);
    const done = a.invokeAsync();
    b.invoke();
    await Promise.all([done, b.invokeAsync()]);
    expect(outputs(a)).toEqual(outputs(b));
  });
});

describe('without threads there is a reason', () => {
  async function infoOf(threads: number, load: () => Promise<Model> = () => loadModel(large)) {
    using model = await load();
    using interpreter = await Interpreter.create(model, { threads });
    fill(interpreter);
    interpreter.invoke();
    return interpreter.info;
  }

  test('one thread', async () => {
    expect(await infoOf(1)).toMatchObject({ threads: 1, threadsReason: 'no more were asked for' });
  });

  test('scalar build', async () => {
    const info = await infoOf(2, () => loadModel(large, { build: 'scalar' }));
    expect(info).toMatchObject({ threads: 1, threadsReason: "the 'scalar' build has no threads" });
  });

  test('an engine of the caller’s that has no shared memory', async () => {
    const engine = await Engine.create();
    const info = await infoOf(2, () => loadModel(large, { engine }));
    expect(info).toMatchObject({ threads: 1, threadsReason: 'the engine is for one thread' });
  });

  test('kernels of the caller’s that have no shared memory', async () => {
    const module = new WebAssembly.Module(readFileSync(join(root, 'build/lanelite.simd.wasm')));
    const { threads, threadsReason } = await infoOf(2, () => loadModel(large, { module }));
    expect(threads).toBe(1);
    expect(threadsReason).toMatch(/do not run in shared memory/);
  });

  test('a host without threads', async () => {
    setHost(withThreads(null));
    expect(await infoOf(2)).toMatchObject({ threads: 1, threadsReason: 'this host has no threads' });
  });

  test('a thread that does not start', async () => {
    const { support } = watched('throw new Error("no luck")');
    setHost(withThreads(support));
    const { threads, threadsReason } = await infoOf(3);
    expect(threads).toBe(1);
    expect(threadsReason).toMatch(/^thread \d (failed|could not be started): .*no luck/);
  });

  test('a thread that does not answer', async () => {
    PATIENCE.start = 300;
    const { support, ended } = watched('setInterval(() => {}, 1000)');
    setHost(withThreads(support));
    expect(await infoOf(2)).toMatchObject({ threads: 1, threadsReason: 'thread 1 did not start in time' });
    await Promise.all(ended);
  });

  test('numbers that make no sense', async () => {
    using model = await loadModel(large);
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      await expect(Interpreter.create(model, { threads })).rejects.toThrow(ArgumentError);
    }
  });
});

describe('a thread that dies', () => {
  test('between runs is an error once, then one thread runs', async () => {
    const { support, workers, ended } = watched();
    setHost(withThreads(support));
    using model = await loadModel(large);
    using interpreter = await Interpreter.create(model, { threads: 3 });
    fill(interpreter);
    interpreter.invoke();
    const before = outputs(interpreter);
    await workers[0]!.terminate();
    await Promise.all(ended);
    expect(() => interpreter.invoke()).toThrow(HostError);
    expect(interpreter.info.threads).toBe(1);
    expect(interpreter.info.threadsReason).toMatch(/thread 1 failed: it ended/);
    fill(interpreter);
    interpreter.invoke();
    expect(outputs(interpreter)).toEqual(before);
    await interpreter.invokeAsync();
    // A new interpreter starts new threads.
    using other = await Interpreter.create(model, { threads: 2 });
    fill(other);
    other.invoke();
    expect(other.info).toMatchObject({ threads: 2, threadsReason: null });
    expect(outputs(other)).toEqual(before);
  });

  test('with a share in its hands is an error', async () => {
    PATIENCE.share = 300;
    // Takes the first share that is given out, and does nothing with it.
    const { support, ended } = watched(`
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', ({ control }) => {
        parentPort.postMessage({ ready: true });
        setTimeout(() => {
          for (;;) {
            const ticket = Atomics.load(control, 0);
            if ((ticket & 255) > 0 && Atomics.compareExchange(control, 0, ticket, ticket - 1) === ticket) break;
          }
        });
      });`);
    setHost(withThreads(support));
    using model = await loadModel(large);
    using interpreter = await Interpreter.create(model, { threads: 2 });
    fill(interpreter);
    // The thread may come too late for a run or two.
    const started = performance.now();
    expect(() => {
      while (performance.now() - started < 20_000) interpreter.invoke();
    }).toThrow(/a thread did not finish its share of kernel f32_\w+; from now on this interpreter runs on one thread/);
    await Promise.all(ended);
    interpreter.invoke();
    expect(interpreter.info.threads).toBe(1);
  });

  test('in the background is an error', async () => {
    const { support, workers, ended } = watched();
    setHost(withThreads(support));
    using model = await loadModel(large);
    using interpreter = await Interpreter.create(model, { threads: 2 });
    fill(interpreter);
    await interpreter.invokeAsync();
    const leader = workers.at(-1)!;
    const run = interpreter.invokeAsync();
    leader.terminate();
    // It may have been through already.
    await run.catch((error) => expect(error).toBeInstanceOf(HostError));
    await Promise.all(ended);
    if (interpreter.info.threads > 1) expect(() => interpreter.invoke()).toThrow(HostError);
    expect(interpreter.info.threads).toBe(1);
    interpreter.invoke();
  });
});

test('a bad index found by another thread is the same error', async () => {
  const indices = 400_000;
  const bytes = buildOpModel('GATHER', {
    name: 'gather',
    options: { axis: 0, batchDims: 0 },
    inputs: [
      { dtype: 'float32', shape: [4] },
      { dtype: 'int32', shape: [indices] },
    ],
    outputs: [{ dtype: 'float32', shape: [indices] }],
  });
  using model = await loadModel(bytes);
  using interpreter = await Interpreter.create(model, { threads: 3 });
  const data = new Int32Array(indices);
  for (const bad of [0, indices >> 1, indices - 1]) {
    interpreter.inputs[1]!.set(data.slice().fill(7, bad, bad + 1));
    expect(() => interpreter.invoke()).toThrow('GATHER (node 0): an index is out of range');
    await expect(interpreter.invokeAsync()).rejects.toThrow('GATHER (node 0): an index is out of range');
  }
  interpreter.inputs[1]!.set(data);
  interpreter.invoke();
});

test('shares cover all units once, in whole tiles where there are many', () => {
  for (const units of [1, 2, 3, 7, 49, 196, 784, 12544, 1_200_000]) {
    for (const threads of [2, 3, 4, 7, 64]) {
      for (const work of [0, 70_000, 1e6, 1e9]) {
        const starts = sharesOf({ units }, work, threads);
        expect(starts[0]).toBe(0);
        expect(starts.at(-1)).toBe(units);
        for (let i = 1; i < starts.length; i++) expect(starts[i]!).toBeGreaterThan(starts[i - 1]!);
        expect(starts.length - 1).toBeLessThanOrEqual(255);
      }
    }
  }
  expect(sharesOf({ units: 1000 }, 10_000, 2)).toEqual([0, 1000]);
});
