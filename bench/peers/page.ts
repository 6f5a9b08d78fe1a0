// The measuring side, in the page. One page holds one runtime with one model; Node calls the functions of `bench` in turn.
import type { Instantiate, Session, Setup } from './contender.js';

export interface Job extends Setup {
  /** Module of the runtime. */
  readonly adapter: string;
  readonly model: string;
  readonly inputs: readonly string[];
}

export interface StartUp {
  readonly threads: number;
  /** Milliseconds: scripts and wasm, model to session, first inference. */
  readonly instantiate: number;
  readonly load: number;
  readonly first: number;
  /** Bytes of all WebAssembly memories of the page, after load and after the first run. */
  readonly memoryLoaded: number;
  readonly memoryRun: number;
}

export interface Round {
  readonly min: number;
  readonly median: number;
  readonly samples: number;
}

/** Memories that the page made or took from an instance; main-thread ones see growth by any thread. */
const memories = new Set<WebAssembly.Memory>();

function watchMemories(): void {
  const own = WebAssembly;
  const keep = (exports: WebAssembly.Exports) => {
    for (const value of Object.values(exports)) if (value instanceof own.Memory) memories.add(value);
  };
  const { Memory, Instance, instantiate, instantiateStreaming } = own;
  own.Memory = new Proxy(Memory, {
    construct(target, args) {
      const memory = Reflect.construct(target, args) as WebAssembly.Memory;
      memories.add(memory);
      return memory;
    },
  });
  own.Instance = new Proxy(Instance, {
    construct(target, args) {
      const instance = Reflect.construct(target, args) as WebAssembly.Instance;
      keep(instance.exports);
      return instance;
    },
  });
  const watched = (result: WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource) => {
    keep('exports' in result ? result.exports : result.instance.exports);
    return result;
  };
  Object.assign(own, {
    instantiate: (...args: Parameters<typeof instantiate>) => instantiate.apply(own, args).then(watched),
    instantiateStreaming: (...args: Parameters<typeof instantiateStreaming>) =>
      instantiateStreaming.apply(own, args).then(watched),
  });
}

const memory = () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

const fetchBytes = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());

let session: Session;
let inputs: Uint8Array[];
/** Inferences a sample: as many as the clock needs. */
let repeats = 1;

function inferences(count: number): number {
  const started = performance.now();
  for (let i = 0; i < count; i++) session.infer(inputs);
  return (performance.now() - started) / count;
}

/** An error as text: minified builds say what they mean in `code`, not in the class name. */
function explained(error: unknown): Error {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  return new Error(code ? `${code}: ${message}` : message);
}

/** From nothing to the first answer. The model's bytes are there before the clock starts; the outputs go to `sink`. */
async function start(job: Job, sink: string): Promise<StartUp> {
  try {
    return await coldStart(job, sink);
  } catch (error) {
    throw explained(error);
  }
}

async function coldStart(job: Job, sink: string): Promise<StartUp> {
  const { instantiate } = (await import(job.adapter)) as { instantiate: Instantiate };
  const model = await fetchBytes(job.model);
  inputs = await Promise.all(job.inputs.map(fetchBytes));
  watchMemories();
  const begun = performance.now();
  const runtime = await instantiate(job);
  const instantiated = performance.now();
  session = await runtime.load(model);
  const loaded = performance.now();
  const memoryLoaded = memory();
  const beforeFirst = performance.now();
  const outputs = session.infer(inputs);
  const done = performance.now();
  const memoryRun = memory();
  for (const [i, bytes] of outputs.entries()) {
    await fetch(`${sink}/${i}`, { method: 'POST', body: bytes as Uint8Array<ArrayBuffer> });
  }
  return {
    threads: session.threads,
    instantiate: instantiated - begun,
    load: loaded - instantiated,
    first: done - beforeFirst,
    memoryLoaded,
    memoryRun,
  };
}

/** Runs until the compiler has had its time and no sample of the last five is 2 % better than those before. */
async function warmUp(least: number, most: number): Promise<void> {
  const begun = performance.now();
  let best = Number.POSITIVE_INFINITY;
  let calm = 0;
  repeats = 1;
  while (performance.now() - begun < most) {
    const time = inferences(repeats);
    if (time * repeats < 1) {
      // Too short for the clock; what it says does not count.
      repeats *= 2;
      continue;
    }
    calm = time < best * 0.98 ? 0 : calm + 1;
    best = Math.min(best, time);
    repeats = Math.ceil(2 / best);
    if (calm >= 5 && performance.now() - begun >= least) break;
    // Lets finished compilations in, and the page live.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Milliseconds an inference: samples for `duration`, three at least. */
function round(duration: number): Round {
  const samples: number[] = [];
  const begun = performance.now();
  while (samples.length < 3 || performance.now() - begun < duration) samples.push(inferences(repeats));
  samples.sort((a, b) => a - b);
  return { min: samples[0]!, median: samples[samples.length >> 1]!, samples: samples.length };
}

export const bench = { start, warmUp, round, memory };
export type Bench = typeof bench;
Object.assign(globalThis, { bench });
