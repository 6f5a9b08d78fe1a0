// One model in one browser: every contender in a page of its own, measured in turns.
import type { Browser, Page } from 'playwright-core';
import { statistics } from '../../bindings/tools/statistics.js';
import { type Difference, difference } from './agreement.js';
import { compileForBench } from './compiled.js';
import type { BenchModel } from './models.js';
import type { Bench, Job, Round, StartUp } from './page.js';
import type { BenchServer } from './server.js';

export interface Contender {
  readonly name: string;
  readonly ours: boolean;
  readonly adapter: string;
  readonly variant: string;
  /** Thread counts that it can be asked for. */
  readonly offers: (threads: number) => boolean;
  /** Has the model compiled beforehand, and a runtime for it alone. */
  readonly compiled?: boolean;
}

const litert = (build: string) => `litert_wasm_${build}internal`;
const peer = { ours: false };
const ours = { ours: true, adapter: 'lanelite', offers: () => true };

export const CONTENDERS: readonly Contender[] = [
  { ...peer, name: 'LiteRT.js relaxed', adapter: 'litert', variant: litert(''), offers: (n) => n === 1 },
  { ...peer, name: 'LiteRT.js compat', adapter: 'litert', variant: litert('compat_'), offers: (n) => n === 1 },
  { ...peer, name: 'LiteRT.js threaded', adapter: 'litert', variant: litert('threaded_'), offers: (n) => n > 1 },
  { ...peer, name: 'tfjs-tflite', adapter: 'tfjs-tflite', variant: '', offers: () => true },
  { ...ours, name: 'Lanelite relaxed', variant: 'relaxed fast' },
  { ...ours, name: 'Lanelite simd', variant: 'simd fast' },
  { ...ours, name: 'Lanelite simd exact', variant: 'simd exact' },
  { ...ours, name: 'Lanelite compiled', variant: 'relaxed fast', compiled: true, offers: (n) => n === 1 },
];

export interface MeasureOptions {
  readonly rounds: number;
  /** Milliseconds of a round. */
  readonly roundTime: number;
  /** Cold starts of each contender. */
  readonly starts: number;
  /** Bounds of the warm-up in milliseconds. */
  readonly warmUp: readonly [least: number, most: number];
  /** Milliseconds after which a page is given up. */
  readonly timeout: number;
}

export interface Timing {
  readonly min: number;
  readonly median: number;
}

export interface Measurement {
  readonly contender: string;
  readonly ours: boolean;
  /** Why it has no numbers. */
  readonly refused: string | null;
  /** Threads that it used. */
  readonly threads: number;
  /** Milliseconds an inference; `rounds` holds every round's minimum. */
  readonly time: (Timing & { readonly rounds: readonly number[] }) | null;
  /** From cold, milliseconds: minima and medians over the starts. */
  readonly startUp: Readonly<Record<'instantiate' | 'load' | 'first' | 'total', Timing>> | null;
  /** Bytes of WebAssembly memory. */
  readonly memory: { readonly loaded: number; readonly firstRun: number; readonly end: number } | null;
  /** Of the first outputs, from those of the first peer that runs the model. */
  readonly difference: Difference | null;
}

interface Entry {
  readonly contender: Contender;
  page: Page | null;
  refused: string | null;
  /** Script of a runtime of its own. */
  readonly runtime?: string;
  readonly starts: StartUp[];
  readonly rounds: Round[];
  outputs: Buffer[];
  end: number;
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds until the browser has ended one process and begun another, and made a spare one: that is not start-up of ours. */
const SETTLE = 300;

/** A page in a context of its own, so that nothing is cached: no code, no files. */
async function openPage(browser: Browser, origin: string): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (text) => {
    if (text.text().startsWith('ERROR:')) complaints.push(text.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(origin);
  await page.addScriptTag({ url: '/bench/peers/page.js', type: 'module' });
  await page.waitForFunction('globalThis.bench');
  await page.waitForTimeout(SETTLE);
  return { page, complaints };
}

const closePage = (page: Page | null) => page?.context().close();

/** The thrown message, and what the runtime printed before. */
function reason(error: unknown, complaints: readonly string[]): string {
  const thrown = message(error)
    .replace(/^page\.evaluate: (Error: )?/, '')
    .replace(/\n\s+at .*/s, '');
  const printed = complaints.filter((text) => !thrown.includes(text)).slice(0, 2);
  return [thrown, ...printed].join('; ').replace(/\s+/g, ' ').slice(0, 400);
}

async function coldStart(browser: Browser, server: BenchServer, entry: Entry, job: Job, options: MeasureOptions) {
  await closePage(entry.page);
  entry.page = null;
  const { page, complaints } = await openPage(browser, server.origin);
  entry.page = page;
  try {
    const sink = '/received';
    server.received.clear();
    const started = page.evaluate(([job, sink]) => (globalThis as unknown as { bench: Bench }).bench.start(job, sink), [
      job,
      sink,
    ] as const);
    entry.starts.push(await withTimeout(started, options.timeout));
    entry.outputs = [...server.received.keys()]
      .sort((a, b) => Number(a.split('/').at(-1)) - Number(b.split('/').at(-1)))
      .map((path) => server.received.get(path)!);
  } catch (error) {
    entry.refused = reason(error, complaints);
    await closePage(page);
    entry.page = null;
  }
}

async function guarded(entry: Entry, timeout: number, action: (page: Page) => Promise<void>): Promise<void> {
  if (!entry.page) return;
  try {
    await withTimeout(action(entry.page), timeout);
  } catch (error) {
    entry.refused = reason(error, []);
    await closePage(entry.page);
    entry.page = null;
  }
}

const timing = (samples: readonly number[]): Timing => {
  const { min, median } = statistics(samples);
  return { min, median };
};

/** A peer that skips an operator it does not know is fast; its outputs have the wrong sizes. */
function dismissWrongSizes(entries: readonly Entry[], { outputs }: BenchModel): void {
  const own = entries.find(({ contender, refused }) => contender.ours && !refused)?.outputs;
  if (!own) return;
  for (const entry of entries) {
    const wrong = outputs.findIndex((_, i) => entry.outputs[i]?.length !== own[i]?.length);
    if (entry.refused || wrong < 0) continue;
    const { length = 0 } = entry.outputs[wrong] ?? [];
    entry.refused = `does not compute output '${outputs[wrong]!.name}': ${length} bytes instead of ${own[wrong]!.length}`;
  }
}

export async function measureModel(
  browser: Browser,
  server: BenchServer,
  model: BenchModel,
  contenders: readonly Contender[],
  threads: number,
  options: MeasureOptions,
): Promise<Measurement[]> {
  server.extra.clear();
  server.extra.set('/model', model.bytes);
  for (const [i, { data }] of model.inputs.entries()) server.extra.set(`/input/${i}`, data);
  const entries: Entry[] = [];
  for (const contender of contenders.filter(({ offers }) => offers(threads))) {
    let refused: string | null = null;
    let runtime: string | undefined;
    if (contender.compiled) {
      try {
        const { bytes, entry } = await compileForBench(model);
        server.extra.set('/compiled', bytes);
        runtime = entry;
      } catch (error) {
        refused = message(error);
      }
    }
    entries.push({ contender, page: null, refused, runtime, starts: [], rounds: [], outputs: [], end: 0 });
  }
  try {
    for (let start = 0; start < options.starts; start++) {
      for (const entry of entries) {
        if (entry.refused) continue;
        const { adapter, variant } = entry.contender;
        const job: Job = {
          adapter: `/bench/peers/${adapter}.js`,
          variant,
          threads,
          entry: entry.runtime,
          signature: model.signature,
          shapes: model.inputs.map(({ shape }) => shape),
          model: entry.runtime ? '/compiled' : '/model',
          inputs: model.inputs.map((_, i) => `/input/${i}`),
        };
        await coldStart(browser, server, entry, job, options);
      }
    }
    for (const entry of entries) {
      await guarded(entry, options.timeout, (page) =>
        page.evaluate(
          ([least, most]) => (globalThis as unknown as { bench: Bench }).bench.warmUp(least, most),
          options.warmUp,
        ),
      );
    }
    for (let round = 0; round < options.rounds; round++) {
      for (const entry of entries) {
        await guarded(entry, options.timeout, async (page) => {
          const result = await page.evaluate(
            (time) => (globalThis as unknown as { bench: Bench }).bench.round(time),
            options.roundTime,
          );
          entry.rounds.push(result);
        });
      }
    }
    for (const entry of entries) {
      await guarded(entry, options.timeout, async (page) => {
        entry.end = await page.evaluate(() => (globalThis as unknown as { bench: Bench }).bench.memory());
      });
    }
  } finally {
    for (const { page } of entries) await closePage(page);
  }
  dismissWrongSizes(entries, model);
  const reference = entries.find(({ contender, refused }) => !contender.ours && !refused);
  return entries.map(({ contender, refused, starts, rounds, outputs, end }) => {
    const { name, ours } = contender;
    if (refused) {
      const nothing = { time: null, startUp: null, memory: null, difference: null };
      return { contender: name, ours, refused, threads: 0, ...nothing };
    }
    const phase = (key: 'instantiate' | 'load' | 'first') => timing(starts.map((start) => start[key]));
    const minima = rounds.map(({ min }) => min);
    const median = statistics(rounds.map((round) => round.median)).median;
    const { threads: used, memoryLoaded: loaded, memoryRun: firstRun } = starts.at(-1)!;
    return {
      contender: name,
      ours,
      refused,
      threads: used,
      time: { min: Math.min(...minima), median, rounds: minima },
      startUp: {
        instantiate: phase('instantiate'),
        load: phase('load'),
        first: phase('first'),
        total: timing(starts.map(({ instantiate, load, first }) => instantiate + load + first)),
      },
      memory: { loaded, firstRun, end },
      difference: reference ? difference(model.outputs, outputs, reference.outputs) : null,
    };
  });
}
