/**
 * `lanelite benchmark`: what TFLite's benchmark_model measures: time to load, to compile and of the first run, warm runs,
 * memory, and on request the time of each instruction and operator type.
 */
import { readFileSync } from 'node:fs';
import { LaneliteError } from '../errors.js';
import { type Build, Interpreter, loadModel, type MemoryInfo } from '../index.js';
import { extra } from '../ops/extra.js';
import type { Operator } from '../ops/operator.js';
import { describeInstructions } from './plan.js';
import { noProgress, type StartProgress } from './progress.js';
import { fillInput } from './run.js';
import { type Statistics, statistics } from './statistics.js';
import { bytes, count, fields, indent, milliseconds, percent, table, threadsUsed } from './text.js';

export interface BenchmarkOptions {
  readonly build?: Build | 'auto';
  readonly arithmetic?: 'fast' | 'exact';
  readonly threads?: number;
  /** Warm runs that are timed. */
  readonly runs?: number;
  /** Runs before them, besides the first. */
  readonly warmup?: number;
  /** More runs than asked for, until this time has passed. */
  readonly minSeconds?: number;
  readonly profile?: boolean;
  /** Inputs are generated from it. */
  readonly seed?: number;
  /** Operators beside the builtin ones; those of `lanelite/ops/extra` if it is left out. */
  readonly customOps?: readonly Operator[];
  readonly progress?: StartProgress;
}

export interface InstructionProfile {
  readonly kernel: string;
  readonly op: string;
  /** Position of the operator in the model. */
  readonly node: number;
  readonly shape: readonly number[];
  /** Median over the profiled runs. */
  readonly milliseconds: number;
  /** Of the operator, counted at the first of its instructions with the most time. */
  readonly macs: number;
}

export interface OperatorProfile {
  readonly op: string;
  readonly nodes: number;
  readonly milliseconds: number;
  readonly macs: number;
}

export interface Benchmark {
  readonly model: { readonly bytes: number; readonly macs: number };
  readonly build: Build;
  readonly arithmetic: string;
  readonly threads: number;
  /** Why there are no more; null where there are as many as asked for. */
  readonly threadsReason: string | null;
  readonly milliseconds: {
    /** Reading the file, compiling the kernels, verifying. */
    readonly load: number;
    /** Lowering the graph, packing weights, placing tensors. */
    readonly compile: number;
    readonly first: number;
    readonly warm: Statistics;
  };
  readonly memory: MemoryInfo;
  readonly profile?: {
    readonly operators: readonly OperatorProfile[];
    readonly instructions: readonly InstructionProfile[];
  };
}

export async function benchmark(source: string, options: BenchmarkOptions = {}): Promise<Benchmark> {
  const { build, arithmetic, threads = 1, runs = 50, warmup = 5, minSeconds = 1, seed = 1 } = options;
  const { progress = noProgress, customOps = extra } = options;
  const file = readModelFile(source);
  const started = performance.now();
  const model = await loadModel(file, { build, threads });
  const loaded = performance.now();
  let interpreter: Interpreter | null = null;
  try {
    interpreter = await Interpreter.create(model, { arithmetic, threads, customOps });
    const compiled = performance.now();
    for (const tensor of interpreter.inputs) fillInput(tensor, seed);
    const first = timed(() => interpreter!.invoke());
    for (let i = 0; i < warmup; i++) interpreter.invoke();

    const times: number[] = [];
    const begun = performance.now();
    const bar = progress('runs', runs);
    while (times.length < runs || performance.now() - begun < minSeconds * 1000) {
      times.push(timed(() => interpreter!.invoke()));
      bar.update(Math.min(times.length, runs));
    }
    bar.stop();

    const profile = options.profile ? profileRuns(interpreter, Math.min(runs, 50)) : undefined;
    const { info, memory } = interpreter;
    return {
      model: { bytes: model.size, macs: totalMacs(interpreter) },
      build: info.build,
      arithmetic: info.arithmetic,
      threads: info.threads,
      threadsReason: threads > 1 ? info.threadsReason : null,
      milliseconds: { load: loaded - started, compile: compiled - loaded, first, warm: statistics(times) },
      memory,
      profile,
    };
  } finally {
    interpreter?.close();
    model.close();
  }
}

/** Read before the clock starts: the disk is not what is measured. */
function readModelFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LaneliteError('MODEL_SOURCE', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function timed(action: () => void): number {
  const started = performance.now();
  action();
  return performance.now() - started;
}

/** Multiply-accumulates of the last run. */
export function totalMacs(interpreter: Interpreter): number {
  let macs = 0;
  for (const { nodes, operators } of interpreter.plans) {
    for (const node of nodes) macs += operators.get(node.op)?.macs?.(node) ?? 0;
  }
  return macs;
}

function profileRuns(interpreter: Interpreter, runs: number): NonNullable<Benchmark['profile']> {
  const samples: number[][] = [];
  for (let run = 0; run < runs; run++) {
    let at = 0;
    interpreter.invokeObserved((_plan, _index, time) => {
      samples[at] ??= [];
      samples[at++]!.push(time);
    });
  }
  const times = samples.map((list) => statistics(list).median);
  const described = describeInstructions(interpreter);
  const instructions = described.map(({ kernel, node, shape, macs }, i) => ({
    kernel,
    op: node.op,
    node: node.index,
    shape,
    milliseconds: times[i] ?? 0,
    macs,
  }));

  const operators = new Map<string, { op: string; nodes: Set<number>; milliseconds: number; macs: number }>();
  for (const { op, node, milliseconds: time, macs } of instructions) {
    let entry = operators.get(op);
    if (!entry) {
      entry = { op, nodes: new Set(), milliseconds: 0, macs: 0 };
      operators.set(op, entry);
    }
    entry.nodes.add(node);
    entry.milliseconds += time;
    entry.macs += macs;
  }
  return {
    operators: [...operators.values()]
      .map(({ nodes, ...entry }) => ({ ...entry, nodes: nodes.size }))
      .sort((a, b) => b.milliseconds - a.milliseconds),
    instructions,
  };
}

const speed = (macs: number, time: number) => (macs > 0 && time > 0 ? (macs / time / 1e6).toFixed(1) : '');

export function formatBenchmark({
  model,
  build,
  arithmetic,
  threads,
  threadsReason,
  milliseconds: time,
  memory,
  profile,
}: Benchmark): string {
  const { warm } = time;
  const gmacs = speed(model.macs, warm.median);
  const parts = [
    fields([
      ['model', `${bytes(model.bytes)}, ${count(model.macs)} MACs`],
      ['build', `${build}, ${arithmetic} arithmetic, ${threadsUsed({ threads, threadsReason })}`],
      ['load', milliseconds(time.load)],
      ['compile', milliseconds(time.compile)],
      ['first run', milliseconds(time.first)],
      ['warm runs', `${warm.count}`],
      ['  min', milliseconds(warm.min)],
      ['  median', milliseconds(warm.median) + (gmacs && `   ${gmacs} GMAC/s`)],
      ['  p95', milliseconds(warm.p95)],
      ['  mean', milliseconds(warm.mean)],
      ['memory', `${bytes(memory.total)} of linear memory`],
      ['  model image', bytes(memory.image)],
      ['  packed weights', bytes(memory.packed)],
      ['  arena', `${bytes(memory.arena)} (lower bound ${bytes(memory.arenaLowerBound)})`],
      ['  scratch', bytes(memory.scratch)],
    ]),
  ];
  if (profile) {
    const total = profile.instructions.reduce((sum, instruction) => sum + instruction.milliseconds, 0);
    const measured = (time: number, macs: number) => [
      time.toFixed(3),
      percent(time, total),
      macs ? count(macs) : '',
      speed(macs, time),
    ];
    const columns = [
      { title: 'ms', align: 'right' },
      { title: 'share', align: 'right' },
      { title: 'MACs', align: 'right' },
      { title: 'GMAC/s', align: 'right' },
    ] as const;
    parts.push(
      `Operators (${milliseconds(total)} in all, with the clock's own time)`,
      indent(
        table(
          [{ title: 'operator' }, { title: 'nodes', align: 'right' }, ...columns],
          profile.operators.map(({ op, nodes, milliseconds: t, macs }) => [op, String(nodes), ...measured(t, macs)]),
        ),
      ),
      'Instructions',
      indent(
        table(
          [
            { title: '#', align: 'right' },
            { title: 'kernel' },
            { title: 'node', align: 'right' },
            { title: 'operator' },
            { title: 'output' },
            ...columns,
          ],
          profile.instructions.map(({ kernel, node, op, shape, milliseconds: t, macs }, i) => [
            String(i),
            kernel,
            String(node),
            op,
            shape.join('x'),
            ...measured(t, macs),
          ]),
        ),
      ),
    );
  }
  return parts.join('\n\n');
}
