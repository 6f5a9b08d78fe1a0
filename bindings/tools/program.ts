/**
 * The command line: options in, one tool called, text or JSON out. What the commands do is in the tools' own modules; here are
 * only names, help texts and the form of errors: `error [CODE]: message` on stderr, exit status 1, or 2 for wrong usage.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LaneliteError } from '../errors.js';
import { BUILDS, supportsBuild } from '../hosts/host.js';
import { nodeHost } from '../hosts/node.js';
import { type Arithmetic, type Build, Interpreter, loadModel, type Model, setHost } from '../index.js';
import { MACHINES, type Machine } from '../model/compiled.js';
import type { Operator } from '../ops/operator.js';
import { benchmark, formatBenchmark } from './benchmark.js';
import { BUILD_TARGETS, type BuildTarget, buildSelective, formatSelectiveBuild } from './build.js';
import { compileModel, formatCompiled } from './compile.js';
import { openDataset } from './dataset.js';
import { evaluate, formatEvaluation } from './evaluate.js';
import { formatLabelledImage, type LabelledImage, labelImages } from './label-image.js';
import { findLabels } from './labels.js';
import { NORMALIZATIONS, parseNormalization } from './normalization.js';
import { loadOperators } from './operators.js';
import { describeInstructions, formatPlan, formatPlanTensors } from './plan.js';
import { noProgress, type StartProgress, terminalProgress } from './progress.js';
import { fillInput, formatRun, type RunInput, run, writeOutputs } from './run.js';
import { formatSummary, summarize } from './summarize.js';

/** Where a run of the command line writes. */
export interface Streams {
  out(text: string): void;
  error(text: string): void;
  readonly progress?: StartProgress;
}

const standard: Streams = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  progress: terminalProgress,
};

interface Common {
  json?: boolean;
  build?: Build | 'auto';
  arithmetic?: 'fast' | 'exact';
  operators?: string[];
}

/** Runs the command line; gives the exit status. */
export async function main(args: readonly string[], streams: Streams = standard): Promise<number> {
  setHost(nodeHost);
  const program = createProgram(streams);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const known = error instanceof LaneliteError;
    const { message, stack, cause } = error as Error;
    streams.error(`error [${known ? error.code : 'INTERNAL'}]: ${message}\n`);
    if (args.includes('--verbose')) {
      streams.error(`${stack}\n${cause ? `cause: ${(cause as Error).stack ?? cause}\n` : ''}`);
    } else if (!known) {
      streams.error('this should not happen; --verbose shows where it did\n');
    }
    return 1;
  }
}

function createProgram({ out, error, progress = noProgress }: Streams): Command {
  const print = (text: string) => out(`${text}\n`);
  const printJson = (value: unknown) => print(JSON.stringify(value, null, 2));

  const program = new Command('lanelite')
    .description('Runs, measures and inspects TensorFlow Lite models.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: error,
      outputError: (text, write) => write(text.replace(/^error: /, 'error [USAGE]: ')),
    });

  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--json', 'print the result as JSON')
      .option('--verbose', 'on errors, print where they arose');
  const withOperators = (c: Command) =>
    c.option(
      '--operators <file>',
      'custom operators, the default export of a JavaScript module; repeatable',
      append,
      [],
    );
  const withBuild = (c: Command) =>
    withOperators(c)
      .addOption(
        new Option('--arithmetic <kind>', 'quantized arithmetic: fast, or exact as in TFLite itself')
          .choices(['fast', 'exact'])
          .default('fast'),
      )
      .addOption(
        new Option('--build <name>', 'which kernels').choices(['auto', 'relaxed', 'simd', 'scalar']).default('auto'),
      );
  const withNormalization = (c: Command) =>
    c.option(
      '--normalize <how>',
      `${Object.keys(NORMALIZATIONS).join(', ')}, MEAN,STD or R,G,B,R,G,B of pixel values (default: by the model)`,
      usage(parseNormalization),
    );

  withBuild(command('run <model>', 'Run a model once on raw little-endian tensors, or on text.'))
    .option(
      '--input <tensor=file>',
      'contents of an input, by name or index: raw bytes, a .json list, lines of text, or text:TEXT itself; repeatable',
      collect,
      [],
    )
    .option('--shape <tensor=dims>', 'shape of an input, as 1,224,224,3; repeatable', collect, [])
    .option('--seed <n>', 'generate the other inputs from this number', integer(0))
    .option('--threads <n>', 'threads to use', integer(1), 1)
    .option('--signature <key>', 'run this signature instead of the main graph')
    .option('--out <dir>', 'write the outputs there: out0.bin, out1.bin …; strings as out0.json')
    .action(
      async (
        path: string,
        options: Common & {
          input: string[];
          shape: string[];
          seed?: number;
          threads: number;
          signature?: string;
          out?: string;
        },
      ) => {
        const { seed, signature, arithmetic, threads } = options;
        const inputs = new Map(options.input.map(pair).map(([name, from]) => [name, readInput(from)] as const));
        const shapes = new Map(options.shape.map(pair).map(([name, dims]) => [name, dimensions(dims)] as const));
        await withModel(path, options, async (model, customOps) => {
          const result = await run(model, { inputs, shapes, seed, signature, arithmetic, threads, customOps });
          const files = options.out === undefined ? [] : writeOutputs(result, options.out);
          const outputs = result.outputs.map(({ bytes: _, ...output }, i) => ({ ...output, file: files[i] }));
          if (options.json) printJson({ model: path, ...result, outputs });
          else print(formatRun(result, files));
        });
      },
    );

  withNormalization(withBuild(command('label-image <image...>', 'Name what an image classifier sees in pictures.')))
    .requiredOption('--model <file>', 'the classifier')
    .option('--labels <file>', "class names, one a line (default: the model's own, or a file beside it)")
    .option('--top <k>', 'how many classes to print', integer(1), 5)
    .action(
      async (
        images: string[],
        options: Common & {
          model: string;
          labels?: string;
          top: number;
          normalize?: ReturnType<typeof parseNormalization>;
        },
      ) => {
        await withModel(options.model, options, async (model, customOps) => {
          const labels = await findLabels(model, options.model, options.labels);
          const { top, arithmetic, normalize: normalization } = options;
          const results: LabelledImage[] = [];
          const bar = progress('pictures', images.length);
          try {
            for await (const result of labelImages(model, images, {
              labels,
              top,
              arithmetic,
              normalization,
              customOps,
            })) {
              results.push(result);
              bar.update(results.length);
            }
          } finally {
            bar.stop();
          }
          if (options.json) printJson({ model: options.model, labels: labels?.source ?? null, images: results });
          else print(results.map(formatLabelledImage).join('\n\n'));
        });
      },
    );

  withBuild(command('benchmark <model>', 'Measure load, first and warm runs, and memory.'))
    .option('--runs <n>', 'timed runs, at least', integer(1), 50)
    .option('--warmup <n>', 'runs before them', integer(0), 5)
    .option('--min-seconds <s>', 'keep running at least this long', number, 1)
    .option('--threads <n>', 'threads to use', integer(1), 1)
    .option('--profile', 'time each operator type and instruction')
    .action(
      async (
        path: string,
        options: Common & {
          runs: number;
          warmup: number;
          minSeconds: number;
          threads: number;
          profile?: boolean;
        },
      ) => {
        enableBuild(options.build);
        const customOps = await loadOperators(options.operators ?? []);
        const result = await benchmark(path, { ...options, customOps, progress });
        const machine = {
          cpu: cpus()[0]?.model ?? 'unknown',
          engine: `Node ${process.version}, V8 ${process.versions.v8}`,
        };
        if (options.json) printJson({ file: path, machine, ...result });
        else print(`${basename(path)} on ${machine.engine}\n\n${formatBenchmark(result)}`);
      },
    );

  withNormalization(
    withBuild(command('evaluate <model>', 'Measure the accuracy of a classifier on labelled pictures.')),
  )
    .requiredOption('--dataset <path>', 'a CIFAR-10 binary file (.gz too), or a folder with a subfolder per class')
    .option('--labels <file>', 'class names that the subfolders use')
    .option('--limit <n>', 'only the first n pictures', integer(1))
    .action(
      async (
        path: string,
        options: Common & {
          dataset: string;
          labels?: string;
          limit?: number;
          normalize?: ReturnType<typeof parseNormalization>;
        },
      ) => {
        await withModel(path, options, async (model, customOps) => {
          const labels = await findLabels(model, path, options.labels);
          const dataset = openDataset(options.dataset, labels?.names);
          const { arithmetic, limit, normalize: normalization } = options;
          const result = await evaluate(model, dataset, { arithmetic, limit, normalization, customOps, progress });
          const { build } = model.engine;
          if (options.json) printJson({ model: path, dataset: options.dataset, build, arithmetic, ...result });
          else print(`${basename(path)}  (${build} build, ${arithmetic} arithmetic)\n\n${formatEvaluation(result)}`);
        });
      },
    );

  withOperators(
    command('summarize <model>', 'Print inputs, outputs, operators, parameters, MACs and the memory plan.'),
  ).action(async (path: string, options: Common) => {
    await withModel(path, options, async (model, customOps) => {
      const summary = await summarize(model, customOps);
      if (options.json) printJson({ model: path, ...summary });
      else print(`${basename(path)}\n\n${formatSummary(summary)}`);
    });
  });

  withBuild(command('plan <model>', 'Print the compiled plan: one kernel call a line.'))
    .option('--seed <n>', 'run once on generated inputs, for plans that depend on data', integer(0))
    .option('--tensors', 'list the tensors with their addresses too')
    .action(async (path: string, options: Common & { seed?: number; tensors?: boolean }) => {
      await withModel(path, options, async (model, customOps) => {
        const interpreter = await Interpreter.create(model, { arithmetic: options.arithmetic, customOps });
        try {
          if (options.seed !== undefined) {
            for (const tensor of interpreter.inputs) fillInput(tensor, options.seed);
            interpreter.invoke();
          }
          if (options.json) {
            const { memory } = interpreter;
            printJson({ model: path, memory, instructions: describeInstructions(interpreter) });
          } else {
            print(formatPlan(interpreter));
            if (options.tensors) print(`\n${formatPlanTensors(interpreter)}`);
          }
        } finally {
          interpreter.close();
        }
      });
    });

  command('compile <model>', 'Write a model as plans and packed weights, which load without analysis.')
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--target <list>', `machines: ${MACHINES.join(', ')}`, usage(chosen(MACHINES)), [...MACHINES])
    .option('--arithmetic <list>', 'fast, exact', usage(chosen(['fast', 'exact'] as const)), ['fast'])
    .action(async (path: string, options: Common & { output: string; target: Machine[]; arithmetic: Arithmetic[] }) => {
      const { output, target: machines, arithmetic: arithmetics } = options;
      const result = await compileModel(readFile(path), { machines, arithmetics, version: packageVersion() });
      const { bytes, ...rest } = result;
      writeFileSync(output, bytes);
      if (options.json) printJson({ model: path, output, bytes: bytes.length, ...rest });
      else print(`${basename(path)} -> ${output}\n\n${formatCompiled(result)}`);
    });

  withOperators(
    command('build <model...>', 'Write a runtime with only the kernels and operators that some models need.'),
  )
    .requiredOption('-o, --output <dir>', 'where to write it')
    .option('--build <list>', `kernels: ${BUILDS.join(', ')}`, usage(chosen(BUILDS)), ['simd', 'relaxed'])
    .addOption(new Option('--target <host>', 'where it runs').choices(BUILD_TARGETS).default('browser'))
    .option('--arithmetic <list>', 'fast, exact', usage(chosen(['fast', 'exact'] as const)), ['fast', 'exact'])
    .option('--threads', 'kernels that threads can share, too')
    .option('--kernels <file>', 'kernels of your own, in AssemblyScript; repeatable', append, [])
    .action(
      async (
        paths: string[],
        options: {
          json?: boolean;
          output: string;
          build: Build[];
          target: BuildTarget;
          arithmetic: Arithmetic[];
          threads?: boolean;
          kernels: string[];
          operators: string[];
        },
      ) => {
        const { output, build: builds, target, arithmetic: arithmetics, threads, kernels, operators } = options;
        const chosen = { builds, target, arithmetics, threads, kernels, operators };
        const result = await buildSelective(paths.map(readFile), output, chosen);
        if (options.json) printJson({ models: paths, output, ...result });
        else print(`${paths.map((path) => basename(path)).join(', ')} -> ${output}\n\n${formatSelectiveBuild(result)}`);
      },
    );

  for (const c of program.commands) c.showHelpAfterError(`see: lanelite ${c.name()} --help`);
  return program;
}

/** Node 20 has relaxed SIMD behind a flag: `auto` leaves it alone there, asking for it by name sets the flag. */
function enableBuild(build?: Build | 'auto'): void {
  if (build === 'relaxed' && !supportsBuild(build)) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** Opens a model, and with it the custom operators that it may have. */
async function withModel(
  path: string,
  { build, operators = [] }: Common,
  use: (model: Model, customOps: readonly Operator[]) => Promise<void>,
): Promise<void> {
  enableBuild(build);
  const customOps = await loadOperators(operators);
  const model = await loadModel(path, { build });
  try {
    await use(model, customOps);
  } finally {
    model.close();
  }
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LaneliteError('FILE', `cannot read '${path}': ${(cause as Error).message}`, { cause });
  }
}

/** Contents of an input: text itself, the list in a JSON file, or the bytes of any other. */
function readInput(from: string): RunInput {
  if (from.startsWith('text:')) return [from.slice('text:'.length)];
  const bytes = readFile(from);
  if (!from.endsWith('.json')) return bytes;
  try {
    const list: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (Array.isArray(list)) return list.flat(Number.POSITIVE_INFINITY);
  } catch (cause) {
    throw new LaneliteError('FILE', `'${from}' is not JSON: ${(cause as Error).message}`, { cause });
  }
  throw new LaneliteError('FILE', `'${from}' has no list`);
}

const append = (value: string, list: string[]) => [...list, value];

const collect = (value: string, list: string[]) => [...list, usage(checkPair)(value)];

function checkPair(text: string): string {
  pair(text);
  return text;
}

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new Error(`expected TENSOR=VALUE, with the tensor's name or index`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Some of a list, separated by commas. */
const chosen =
  <T extends string>(all: readonly T[]) =>
  (text: string): T[] => {
    const names = text.split(',') as T[];
    const odd = names.find((name) => !all.includes(name));
    if (odd !== undefined) throw new Error(`'${odd}' is not among ${all.join(', ')}.`);
    return names;
  };

function dimensions(text: string): number[] {
  const dims = text === '' ? [] : text.split(',').map(Number);
  if (dims.every((d) => Number.isInteger(d) && d >= 0)) return dims;
  throw new LaneliteError('ARGUMENT', `'${text}' is not a shape; expected numbers such as 1,224,224,3`);
}

/** An option's parser whose complaints are usage errors. */
function usage<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}

function integer(least: number): (text: string) => number {
  return usage((text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || !Number.isSafeInteger(value)) {
      throw new Error(`expected a whole number, ${least} or more.`);
    }
    return value;
  });
}

const number = usage((text) => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value))) throw new Error('expected a number, 0 or more.');
  return value;
});

function packageVersion(): string {
  // From dist/, and from bindings/tools/.
  for (const candidate of ['../package.json', '../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(candidate, import.meta.url), 'utf8')).version;
    } catch {
      // The next place.
    }
  }
  return 'unknown';
}
