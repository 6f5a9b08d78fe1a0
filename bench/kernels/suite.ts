// Times kernels as the compiler calls them: a graph with one operator, lowered, its instructions run by themselves.
// Host-independent: the command runs it in Node, or bundled in a page.
import { RelaxedDot } from '../../assembly/lib/opcodes.js';
import { byteLength, elementCount } from '../../bindings/dtype.js';
import { type Arithmetic, type Instruction, runInstruction } from '../../bindings/graph/compile.js';
import type { Value } from '../../bindings/graph/ir.js';
import type { Build } from '../../bindings/hosts/host.js';
import { fullRegistry } from '../../bindings/ops/on-demand.js';
import { Engine } from '../../bindings/runtime/engine.js';
import { SubgraphRunner } from '../../bindings/runtime/runner.js';
import { GraphBuilder, rawBytes } from '../../test/support/graph-builder.js';
import { CASES, type KernelCase, type Multiplies } from './cases.js';

export interface SuiteOptions {
  readonly build: Build;
  readonly arithmetic: Arithmetic;
  /** Only families, layers and operators that contain it. */
  readonly filter: string;
  /** Milliseconds a kernel is timed for. */
  readonly duration: number;
}

export type Bound = Multiplies | 'read' | 'copy';

/** One core's limits as measured here: multiply-adds from registers, in GMAC/s. */
export interface Ceilings {
  readonly f32: number;
  /** By products of int16 pairs. */
  readonly int8: number;
  /** By relaxed products of int8, which need special instructions of the machine to be fast; null without them. */
  readonly relaxedInt8: number | null;
}

export interface KernelResult {
  readonly family: string;
  readonly layer: string;
  readonly kernel: string;
  readonly milliseconds: number;
  /** 0 for kernels that only move data or have no multiply-adds. */
  readonly macs: number;
  /** Tensors read and written; for a product with one row, its packed weights. */
  readonly bytes: number;
  /** What allows no more: multiply-adds, or reading or copying `bytes`. */
  readonly bound: Bound;
  /** Of the speed that this bound allows. */
  readonly percent: number;
}

export interface SuiteResult {
  readonly build: Build;
  readonly arithmetic: Arithmetic;
  readonly ceilings: Ceilings;
  readonly kernels: readonly KernelResult[];
  readonly unsupported: readonly { readonly family: string; readonly layer: string; readonly reason: string }[];
}

/** Kernels that the optimizing compiler has had time for; until then calls run many times slower. */
const warmed = new Set<string>();
const WARM_UP = 500;

/** Least milliseconds of a call, in samples that the clock can tell apart. A kernel's first use warms it up for longer. */
async function fastest(kernel: string, call: () => void, duration: number): Promise<number> {
  const begun = performance.now();
  const least = warmed.has(kernel) ? duration / 3 : WARM_UP;
  let repeats = 1;
  const sample = () => {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) call();
    return (performance.now() - started) / repeats;
  };
  let best = Number.POSITIVE_INFINITY;
  for (let calm = 0; performance.now() - begun < least || (calm < 5 && performance.now() - begun < 10 * least); ) {
    const time = sample();
    if (time * repeats < 0.5) {
      // Too short for the clock; what it says does not count.
      repeats *= 2;
      continue;
    }
    calm = time < best * 0.98 ? 0 : calm + 1;
    best = Math.min(best, time);
    repeats = Math.ceil(1 / best);
    // Compiled code comes in between tasks.
    await new Promise((resolve) => setTimeout(resolve));
  }
  warmed.add(kernel);
  const end = performance.now() + duration;
  do best = Math.min(best, sample());
  while (performance.now() < end);
  return best;
}

interface CeilingKernels {
  f32_multiply_add(count: number): number;
  f32_fused_multiply_add(count: number): number;
  i16_dot_add(count: number): number;
  i8_relaxed_dot_add(count: number): number;
  read(x: number, bytes: number, count: number): number;
  copy(y: number, x: number, bytes: number, count: number): void;
}

const operators = new Map(fullRegistry.operators.map((operator) => [operator.name, operator]));

/** Limits of the core, and of memory at the size of a working set. */
class CeilingBench {
  readonly #kernels: CeilingKernels;
  readonly #memory = new WebAssembly.Memory({ initial: 512 });
  readonly #known = new Map<string, number>();

  constructor(
    module: WebAssembly.Module,
    readonly duration: number,
  ) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory, abort() {} } });
    this.#kernels = exports as unknown as CeilingKernels;
  }

  async registers(build: Build): Promise<Ceilings> {
    const { f32_multiply_add, f32_fused_multiply_add, i16_dot_add, i8_relaxed_dot_add } = this.#kernels;
    const count = 100_000;
    const rate = async (kernel: (count: number) => number, macs: number) =>
      (macs * count) / (await fastest(`ceiling ${macs}`, () => kernel(count), this.duration * 3)) / 1e6;
    return {
      f32: await rate(build === 'relaxed' ? f32_fused_multiply_add : f32_multiply_add, 48),
      int8: await rate(i16_dot_add, 96),
      relaxedInt8: build === 'relaxed' ? await rate(i8_relaxed_dot_add, 192) : null,
    };
  }

  /** GB/s of `bytes` in all, read or copied. */
  async memory(bound: 'read' | 'copy', bytes: number): Promise<number> {
    const part = Math.min(bound === 'copy' ? bytes / 2 : bytes, 8 << 20);
    const size = Math.max(64, Math.ceil(part / 64) * 64);
    const key = `${bound} ${size}`;
    let rate = this.#known.get(key);
    if (rate === undefined) {
      const repeats = Math.max(1, Math.ceil((1 << 20) / size));
      const from = 4096;
      const to = (16 << 20) + 4096;
      const call =
        bound === 'read'
          ? () => void this.#kernels.read(from, size, repeats)
          : () => this.#kernels.copy(to, from, size, repeats);
      const moved = repeats * size * (bound === 'copy' ? 2 : 1);
      rate = moved / (await fastest(bound, call, this.duration)) / 1e6;
      this.#known.set(key, rate);
    }
    return rate;
  }
}

/** Tensors in and out, each counted once. */
function tensorBytes(instructions: readonly Instruction[]): number {
  const values = new Set<Value>();
  for (const { node } of instructions) {
    for (const value of [...node.inputs, ...node.outputs]) if (value) values.add(value);
  }
  return [...values].reduce((sum, { dtype, shape }) => sum + byteLength(dtype, elementCount(shape)), 0);
}

/** A timed kernel with what bounds it; `memory` is the time that moving its bytes takes. */
interface Timed extends Omit<KernelResult, 'bound' | 'percent'> {
  readonly limits: {
    readonly multiplies: Multiplies | null;
    readonly memory: number;
    readonly moves: 'read' | 'copy';
  };
}

function rated({ limits, ...timed }: Timed, ceilings: Ceilings, relaxedDot: RelaxedDot): KernelResult {
  const { multiplies, memory, moves } = limits;
  // Plans use relaxed dot products where the machine has what they need.
  const int8 = relaxedDot === RelaxedDot.NONE ? ceilings.int8 : (ceilings.relaxedInt8 ?? ceilings.int8);
  const arithmetic = multiplies ? timed.macs / (multiplies === 'int8' ? int8 : ceilings.f32) / 1e6 : 0;
  return {
    ...timed,
    bound: multiplies && arithmetic > memory ? multiplies : moves,
    percent: (100 * Math.max(arithmetic, memory)) / timed.milliseconds,
  };
}

async function timeCase(
  { family, op, multiplies, layer }: KernelCase,
  engine: Engine,
  ceilings: CeilingBench,
  { arithmetic, duration }: SuiteOptions,
): Promise<Timed[]> {
  const builder = new GraphBuilder(engine, operators);
  const inputs = layer.inputs.map((spec) => spec && builder.tensor(spec));
  const outputs = layer.outputs.map((spec) => builder.tensor(spec));
  builder.node(op, inputs, outputs, { options: layer.options ?? {}, version: layer.version ?? 1 });
  const fed = inputs.filter((value): value is Value => value !== null && !value.constant);
  const runner = new SubgraphRunner(builder.graph(fed, outputs), builder.resources, {
    arithmetic,
    preserveAllTensors: false,
  });
  try {
    runner.prepare();
    const fill = () => {
      for (const [i, spec] of layer.inputs.entries()) {
        const value = inputs[i];
        if (spec && value && !value.constant) engine.bytes.set(rawBytes(spec), runner.locate(value.id).address!);
      }
    };
    fill();
    runner.run();
    const { instructions } = runner.plans[0]!;
    const times: number[] = [];
    for (const instruction of instructions) {
      // An in-place kernel would work on its own results, which may run off to infinity or to denormals.
      fill();
      times.push(await fastest(instruction.kernel, () => runInstruction(instruction), duration));
    }
    const total = times.reduce((sum, time) => sum + time, 0);
    const main = times.indexOf(Math.max(...times));
    const macs = operators.get(op)!.macs?.(instructions[0]!.node) ?? 0;
    const results: Timed[] = [];
    for (const [i, { kernel }] of instructions.entries()) {
      const milliseconds = times[i]!;
      if (milliseconds < 0.02 * total) continue;
      const own = i === main ? macs : 0;
      // A product with one row reads each weight once; elsewhere weights are reused, and activations count.
      const gemv = own > 0 && /gemv(_c4)?$/.test(kernel);
      const bytes = Math.max(gemv ? engine.map.used('packed') : 0, tensorBytes(instructions));
      const memory = bytes / (await ceilings.memory(gemv ? 'read' : 'copy', bytes)) / 1e6;
      const limits = {
        multiplies: own > 0 ? multiplies : null,
        memory,
        moves: gemv ? ('read' as const) : ('copy' as const),
      };
      results.push({ family, layer: layer.name, kernel, milliseconds, macs: own, bytes, limits });
    }
    return results;
  } finally {
    runner.release();
    builder.release();
  }
}

export async function runSuite(
  modules: { readonly kernels: WebAssembly.Module; readonly ceilings: WebAssembly.Module },
  options: SuiteOptions,
  report: (text: string) => void = () => {},
): Promise<SuiteResult> {
  const { build, arithmetic, filter, duration } = options;
  const ceilingBench = new CeilingBench(modules.ceilings, duration);
  const before = await ceilingBench.registers(build);
  const kernels: Timed[] = [];
  const unsupported: { family: string; layer: string; reason: string }[] = [];
  for (const item of CASES) {
    const { family, op, layer } = item;
    if (!`${family} ${op} ${layer.name}`.toLowerCase().includes(filter.toLowerCase())) continue;
    report(`${family} ${layer.name}`);
    try {
      // An engine a case: what it packs is all that is packed.
      const engine = await Engine.create({ build, module: modules.kernels });
      kernels.push(...(await timeCase(item, engine, ceilingBench, options)));
    } catch (error) {
      unsupported.push({ family, layer: layer.name, reason: (error as Error).message });
    }
  }
  // Once more: on a busy machine the first attempt may have met the baseline compiler, or another process.
  const after = await ceilingBench.registers(build);
  const ceilings = {
    f32: Math.max(before.f32, after.f32),
    int8: Math.max(before.int8, after.int8),
    relaxedInt8: before.relaxedInt8 && Math.max(before.relaxedInt8, after.relaxedInt8!),
  };
  const { relaxedDot } = await Engine.create({ build, module: modules.kernels });
  return {
    build,
    arithmetic,
    ceilings,
    kernels: kernels.map((timed) => rated(timed, ceilings, relaxedDot)),
    unsupported,
  };
}
