/**
 * `lanelite build`: the runtime with nothing but what some models need. Models are compiled for all machines, a proxy notes which
 * kernels their plans and the compiler take; the wasm builds lose their other exports and what only those reach; and the modules
 * that the package carries are bundled with a registry of these operators alone. Custom operators and their kernels go in with them.
 * For models that `lanelite compile` made, it has neither operators nor compiler.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import type { DType } from '../dtype.js';
import { ArgumentError, LaneliteError } from '../errors.js';
import type { Arithmetic } from '../graph/compile.js';
import type { Shape } from '../graph/ir.js';
import { type Build, Engine, Interpreter, loadModel, type ModelDefinition } from '../index.js';
import { MemoryMap } from '../memory/map.js';
import { definitionOf, MACHINES, readHead } from '../model/compiled.js';
import { isCompiled } from '../model/load.js';
import type { Operator } from '../ops/operator.js';
import { standardRegistry } from '../ops/registry.js';
import type { SubgraphRunner } from '../runtime/runner.js';
import { compileKernels, constantResult, type KernelTools, mergeKernels, type UserKernels } from './kernels.js';
import { isTypeScript, loadOperators } from './operators.js';
import { fillInput } from './run.js';
import { bytes as bytesText, count, fields } from './text.js';

export const BUILD_TARGETS = ['browser', 'workerd', 'node'] as const;
export type BuildTarget = (typeof BUILD_TARGETS)[number];

export interface SelectiveBuildOptions {
  readonly builds?: readonly Build[];
  readonly target?: BuildTarget;
  readonly arithmetics?: readonly Arithmetic[];
  /** Kernels for shared memory, too, and the script that threads run; not for Workers, which have none. */
  readonly threads?: boolean;
  /** Paths of AssemblyScript files whose exports are kernels, for the operators of `operators`. */
  readonly kernels?: readonly string[];
  /** Paths of JavaScript modules whose default export has custom operators by custom code: `{ Scale: { infer, lower, run } }`. */
  readonly operators?: readonly string[];
}

export interface SelectiveBuild {
  readonly target: BuildTarget;
  readonly operators: readonly string[];
  readonly kernels: readonly string[];
  /** Of how many. */
  readonly allKernels: number;
  /** The entry first. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly brotli: number }[];
}

/** What some models need. */
interface Needs {
  readonly operators: Set<string>;
  readonly kernels: Set<string>;
  readonly features: Record<'COMPILER' | 'FLOATS' | 'BYTES' | 'HALVES' | 'THREADS' | 'ON_DEMAND', boolean>;
  /** The standard operators in their standard forms are enough. */
  standard: boolean;
}

/** Exports that the runtime itself calls. */
const CORE = ['heap_base', 'relaxed_dot_kind', 'x8_copy'];

/** What open dimensions are tried as: kernels differ by how many rows a product has. */
const EXTENTS = [1, 2, 4, 16];

/** An engine whose kernels, the user's among them, note their names when they are asked for. */
async function noting(kernels: Set<string>, relaxedDot: number, user: UserKernels | null): Promise<Engine> {
  const engine = await Engine.create({ build: 'simd' });
  const all: Record<string, unknown> = { ...engine.kernels };
  let { map } = engine;
  if (user) {
    const { memory } = engine;
    Object.assign(
      all,
      new WebAssembly.Instance(new WebAssembly.Module(user.bytes as never), { env: { memory } }).exports,
    );
    map = new MemoryMap(memory, user.heapBase);
  }
  const get = (_: object, name: string) => {
    if (Object.hasOwn(all, name)) kernels.add(name);
    return all[name];
  };
  return Object.assign(engine, { relaxedDot, map, kernels: new Proxy(all, { get: get as never }) });
}

const isByte = (dtype?: DType) => dtype === 'int8' || dtype === 'uint8';

function noteDefinition(definition: ModelDefinition, { operators, features }: Needs): void {
  for (const { tensors, operators: nodes } of definition.subgraphs) {
    features.HALVES ||= tensors.some(({ dtype }) => dtype === 'float16');
    for (const { op, inputs } of nodes) {
      operators.add(op);
      if (op === 'QUANTIZE' || op === 'DEQUANTIZE') continue;
      const dtype = tensors[inputs[0]!]?.dtype;
      features.FLOATS ||= dtype === 'float32';
      features.BYTES ||= isByte(dtype);
    }
  }
}

/** Compiles a graph for its stored shapes and, where dimensions are open, for some others; runs what only a run completes. */
function compileShapes(runner: SubgraphRunner, fill: () => void): void {
  const { inputs } = runner.graph;
  const stored = inputs.map(({ shape }) => shape);
  const open = inputs.some(({ shapeSignature }) => shapeSignature?.includes(-1));
  const others = EXTENTS.map((n) =>
    inputs.map(({ shape, shapeSignature }): Shape => shapeSignature?.map((d) => (d < 0 ? n : d)) ?? shape),
  );
  for (const [i, shapes] of [stored, ...(open ? others : [])].entries()) {
    try {
      for (const [input, shape] of shapes.entries()) runner.resize(input, shape);
      runner.prepare();
      if (!runner.plans.at(-1)?.pending) continue;
      fill();
      runner.run();
    } catch (error) {
      // Not every shape, nor every input, suits every model; the stored shapes must.
      if (i === 0 && !runner.prepared) throw error;
    }
  }
}

async function noteModel(
  source: Uint8Array,
  needs: Needs,
  builds: readonly Build[],
  arithmetics: readonly Arithmetic[],
  customOps: readonly Operator[],
  user: UserKernels | null,
) {
  const machines = builds.includes('relaxed') ? MACHINES.keys() : [0];
  for (const relaxedDot of machines) {
    const model = await loadModel(source, { engine: await noting(needs.kernels, relaxedDot, user) });
    const { definition } = model;
    noteDefinition(definition, needs);
    const standard = new Set(standardRegistry.operators.map(({ name }) => name));
    needs.standard &&=
      !!standardRegistry.suits?.(definition) && [...needs.operators].every((name) => standard.has(name));
    for (const arithmetic of arithmetics) {
      const interpreter = await Interpreter.create(model, { arithmetic, customOps });
      const main = interpreter.inputs[0]?.runner;
      const runners = new Set(main ? [main] : []);
      for (const { key } of model.signatures) runners.add(interpreter.getSignatureRunner(key).runner);
      for (const runner of runners) {
        const lists = [
          interpreter.inputs,
          ...model.signatures.map(({ key }) => interpreter.getSignatureRunner(key).inputs),
        ];
        compileShapes(runner, () => {
          for (const tensor of lists.flat()) if (tensor.runner === runner) fillInput(tensor, 1);
        });
      }
      interpreter.close();
    }
    model.close();
  }
}

/** Models that are compiled already name their kernels; what else they say is checked where they are loaded. */
function noteCompiled(source: Uint8Array, needs: Needs, builds: readonly Build[]): void {
  const { head } = readHead(Uint8Array.from(source));
  const { exports, plans, targets } = head;
  const usable = targets.filter(({ machine }) => machine === 'portable' || builds.includes('relaxed'));
  if (!usable.length) {
    const machines = targets.map(({ machine }) => machine).join(', ');
    throw new ArgumentError(`a model was compiled for ${machines}, which only the 'relaxed' build can be`);
  }
  noteDefinition(definitionOf(head, source.length), needs);
  const used = new Set(usable.flatMap((target) => target.plans));
  for (const { steps } of plans.filter((_, i) => used.has(i))) {
    for (const [kernel] of steps) needs.kernels.add(exports[kernel]!);
  }
}

/** Packages that only this tool needs. */
async function need<T>(name: string, packages = 'rollup terser binaryen'): Promise<T> {
  try {
    return await import(name);
  } catch (cause) {
    throw new LaneliteError('FILE', `lanelite build needs more packages: npm install --save-dev ${packages}`, {
      cause,
    });
  }
}

/** What the user's kernels take. */
async function kernelTools(): Promise<KernelTools> {
  const packages = 'rollup terser binaryen assemblyscript';
  const asc = await need<KernelTools['asc']>('assemblyscript/asc', packages);
  const { default: binaryen } = await need<typeof import('binaryen')>('binaryen', packages);
  return { asc, binaryen };
}

/**
 * The user's kernels for the engine that models are tried in.
 * @throws LaneliteError with the code KERNEL
 */
async function tryKernels(tools: KernelTools, files: readonly string[]): Promise<UserKernels> {
  const { kernels } = await Engine.create({ build: 'simd' });
  const user = await compileKernels(tools, files, 'simd', kernels.heap_base());
  const taken = user.names.filter((name) => Object.hasOwn(kernels, name));
  if (taken.length) {
    throw new LaneliteError('KERNEL', `the runtime has kernels of these names: ${taken.join(', ')}; choose others`);
  }
  return user;
}

/** A file of the package: beside this one in dist/, or there when the sources run directly. */
function packaged(name: string): string {
  for (const candidate of [`./${name}`, `../../dist/${name}`]) {
    const path = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(path)) return path;
  }
  throw new LaneliteError('FILE', `${name} was not found beside ${import.meta.url}; run the build first`);
}

/** A wasm build with some of its exports, and what these reach. */
async function stripWasm(bytes: Uint8Array, keep: ReadonlySet<string>) {
  const { default: binaryen } = await need<typeof import('binaryen')>('binaryen');
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(binaryen.Features.All);
    const names = Array.from({ length: module.getNumExports() }, (_, i) => {
      return binaryen.getExportInfo(module.getExportByIndex(i)).name;
    });
    for (const name of names) if (!keep.has(name)) module.removeExport(name);
    module.runPasses(['remove-unused-module-elements']);
    return { bytes: module.emitBinary(), all: names.length, heapBase: constantResult(binaryen, module, 'heap_base') };
  } finally {
    module.dispose();
  }
}

/** Where the modules have their operators: file and export by name. */
async function catalogue(modules: string, file: string): Promise<Map<string, { file: string; name: string }>> {
  const path = join(modules, 'bindings/ops', file);
  const exported: Record<string, Operator> = await import(pathToFileURL(path).href);
  const listed = Object.values(exported).flat();
  const found = new Map<string, { file: string; name: string }>();
  for (const [, names, from] of readFileSync(path, 'utf8').matchAll(/port\s*\{([^}]*)\}\s*from\s*["'](.*?)["']/g)) {
    const module: Record<string, Operator> = await import(pathToFileURL(join(modules, 'bindings/ops', from!)).href);
    for (const name of names!.split(',').map((text) => text.trim().split(' ')[0]!)) {
      const operator = module[name];
      if (operator && listed.includes(operator)) found.set(operator.name, { file: from!, name });
    }
  }
  return found;
}

/** Operators' schema lines without those of other operators. */
async function facts(modules: string, file: string, operators: ReadonlySet<string>): Promise<string> {
  const path = join(modules, 'bindings/model/schema/generated', file);
  const { LAYOUT, OPERATORS } = (await import(
    pathToFileURL(path).href
  )) as typeof import('../model/schema/generated/layout.js');
  const lines = OPERATORS.split('\n').map((line) =>
    /^CUSTOM/.test(line) || operators.has(line.split(' ')[0]!) ? line : '',
  );
  const codes = lines.join('\n').trimEnd();
  const types = new Set([...codes.matchAll(/:\[?(\w+)/g)].map(([, type]) => type!));
  const text = JSON.stringify(LAYOUT.tables);
  const enums = Object.entries(LAYOUT.enums).filter(([name]) => types.has(name) || text.includes(name));
  return `export const LAYOUT = ${JSON.stringify({ ...LAYOUT, enums: Object.fromEntries(enums) })};
export const OPERATORS = \`${codes}\`;`;
}

/** The module that stands for ops/registry.ts. */
async function registryModule(
  modules: string,
  { operators, standard }: Needs,
  own: readonly string[],
): Promise<string> {
  const lists = standard ? ['standard.js'] : ['standard.js', 'common.js', 'extended.js', 'extra.js'];
  const known = new Map((await Promise.all(lists.map((file) => catalogue(modules, file)))).flatMap((map) => [...map]));
  const chosen = [...operators].sort().flatMap((name) => known.get(name) ?? []);
  const imports = chosen.map(({ file, name }, i) => `import { ${name} as o${i} } from '${file}';`);
  const list = `[${chosen.map((_, i) => `o${i}`)}]`;
  return `${imports.join('\n')}
import { selective } from './selective.js';
${
  standard
    ? `import { LAYOUT, OPERATORS } from '../model/schema/generated/layout.js';
export const standardRegistry = selective({ operators: ${list}, layout: LAYOUT, codes: OPERATORS });`
    : `import { customOps } from './custom-op.js';
import { customOperators, fullCompiler } from './full.js';
${own.map((file, i) => `import c${i} from ${JSON.stringify(resolve(file))};`).join('\n')}
for (const operators of [${own.map((_, i) => `c${i}`)}]) {
  for (const name in operators) customOps.set(name, operators[name]);
}
export const standardRegistry = selective({ ...fullCompiler, operators: ${list} }, customOperators);`
}
export const registryOf = (operators) => ({ ...standardRegistry, operators });
`;
}

/** The same where models are compiled already: their state is all that is left to care for. */
const COMPILED_REGISTRY = `import { Variables } from '../runtime/variables.js';
const compiler = { variables: (graph, engine) => new Variables(graph, engine) };
export const standardRegistry = { operators: [], more: async () => ({ compiler }) };
export const registryOf = () => standardRegistry;
`;

/** What is imported on demand elsewhere is in the entry if that exports it. */
const COMPILED_READER = "export { readCompiled } from './model/compiled.js';";

/** The entry: as the package's own, but that its host has only some builds. */
function entryModule(target: BuildTarget, builds: readonly Build[], threads: boolean): string {
  const list = JSON.stringify(builds);
  if (target === 'workerd') {
    return `${builds.map((build) => `import ${build} from './lanelite.${build}.wasm';`).join('\n')}
import { setHost } from './hosts/host.js';
import { workerdHost } from './hosts/workerd.js';
setHost(workerdHost({ ${builds} }));
export * from './index.js';
`;
  }
  if (target === 'node') {
    return `import { setHost } from './hosts/host.js';
import { nodeHost } from './hosts/node.js';
setHost({ ...nodeHost, builds: ${list} });
export * from './index.js';
`;
  }
  const urls = builds.map((build) => `${build}: () => new URL('./lanelite.${build}.wasm', import.meta.url)`);
  return `import { HostError } from './errors.js';
import { setHost } from './hosts/host.js';
import { compileUrl } from './hosts/browser.js';
const urls = { ${urls.join(', ')} };
setHost({ name: 'browser', builds: ${list}, async compile(build) {
  if (!urls[build]) throw new HostError(\`the '\${build}' build is not in this selective build\`);
  return compileUrl(urls[build]());
}${threads ? ", threads: () => import('./hosts/web-threads.js')" : ''} });
export * from './index.js';
`;
}

/** Bundles the modules, some of them replaced. */
async function bundle(modules: string, replaced: Readonly<Record<string, string>>) {
  const { rollup } = await need<typeof import('rollup')>('rollup');
  const { minify } = await need<typeof import('terser')>('terser');
  const texts = new Map(Object.entries(replaced).map(([file, text]) => [join(modules, 'bindings', file), text]));
  const build = await rollup({
    input: { lanelite: join(modules, 'bindings/selective-entry.js') },
    external: [/\.wasm$/, /^node:/],
    makeAbsoluteExternalsRelative: false,
    preserveEntrySignatures: 'allow-extension',
    treeshake: 'smallest',
    plugins: [
      {
        name: 'selective',
        resolveId: (id, importer) => {
          if (id === 'lanelite') return join(modules, 'bindings/index.js');
          const path = importer && id.startsWith('.') ? join(importer, '..', id) : id;
          return texts.has(path) ? path : null;
        },
        load: (id) => texts.get(id) ?? null,
        async renderChunk(code) {
          // Not all that terser can do makes it smaller behind brotli; as scripts/bundle.mjs.
          const off = { sequences: false, lhs_constants: false, loops: false, side_effects: false };
          const on = {
            hoist_funs: true,
            pure_getters: true,
            unsafe_arrows: true,
            unsafe_methods: true,
          };
          const compress = { ...off, ...on, passes: 3, inline: 1 };
          return (await minify(code, { module: true, ecma: 2020, compress })).code ?? null;
        },
      },
    ],
    onwarn(warning) {
      if (warning.code === 'UNRESOLVED_IMPORT') {
        throw new ArgumentError(`${warning.message}; operators may import 'lanelite' and files beside them`);
      }
      throw new LaneliteError('INTERNAL', warning.message);
    },
  });
  const { output } = await build.generate({
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash:6].js',
  });
  await build.close();
  return output.flatMap((chunk) =>
    chunk.type === 'chunk' ? [{ name: chunk.fileName, bytes: Buffer.from(chunk.code) }] : [],
  );
}

/**
 * Writes a runtime for some models alone into `dir`: `lanelite.js`, what it imports on demand, and the wasm builds.
 * @throws UnsupportedOperatorError where a model has an operator that Lanelite has not, nor `operators`
 * @throws LaneliteError with the code KERNEL where `kernels` do not compile for a build, or cannot be part of it
 */
export async function buildSelective(
  models: readonly Uint8Array[],
  dir: string,
  {
    builds = ['simd', 'relaxed'],
    target = 'browser',
    arithmetics = ['fast', 'exact'],
    threads = false,
    kernels = [],
    operators = [],
  }: SelectiveBuildOptions = {},
): Promise<SelectiveBuild> {
  if (threads && target === 'workerd') throw new ArgumentError('Workers have no threads');
  const compiled = models.some(isCompiled);
  if (compiled && !models.every(isCompiled)) {
    throw new ArgumentError('compiled models and .tflite files have no runtime in common: build one for each sort');
  }
  if (compiled && (operators.length || kernels.length)) {
    throw new ArgumentError('compiled models have no operators of your own');
  }
  const needs: Needs = {
    operators: new Set(),
    kernels: new Set(CORE),
    features: { COMPILER: !compiled, FLOATS: false, BYTES: false, HALVES: false, THREADS: threads, ON_DEMAND: false },
    standard: operators.length === 0,
  };
  const typed = operators.find(isTypeScript);
  if (typed) throw new ArgumentError(`operators go into the runtime as JavaScript; compile '${typed}' first`);
  const customOps = await loadOperators(operators);
  const tools = kernels.length ? await kernelTools() : null;
  const tried = tools && (await tryKernels(tools, kernels));
  for (const model of models) {
    if (compiled) noteCompiled(model, needs, builds);
    else await noteModel(model, needs, builds, arithmetics, customOps, tried);
  }
  for (const name of tried?.names ?? []) needs.kernels.add(name);
  const modules = packaged('modules');
  const schema = needs.standard ? 'layout.js' : 'full-layout.js';
  const constants = Object.entries(needs.features).map(([name, value]) => `export const ${name} = ${value};`);
  const entry = entryModule(target, builds, threads);
  const parts = compiled
    ? { 'selective-entry.js': entry + COMPILED_READER, 'ops/registry.js': COMPILED_REGISTRY }
    : {
        'selective-entry.js': entry,
        'ops/registry.js': await registryModule(modules, needs, operators),
        [`model/schema/generated/${schema}`]: await facts(modules, schema, needs.operators),
      };
  const files = await bundle(modules, { ...parts, 'features.js': constants.join('\n') });
  let allKernels = 0;
  const shared = threads
    ? builds.filter((build) => build !== 'scalar').map((build) => `${build}-threads` as const)
    : [];
  for (const build of [...builds, ...shared]) {
    const stripped = await stripWasm(readFileSync(packaged(`lanelite.${build}.wasm`)), needs.kernels);
    let { bytes } = stripped;
    allKernels = stripped.all + (tried?.names.length ?? 0);
    if (tools) {
      const user = await compileKernels(tools, kernels, build, stripped.heapBase);
      bytes = mergeKernels(tools.binaryen, bytes, user);
    }
    files.push({ name: `lanelite.${build}.wasm`, bytes: Buffer.from(bytes) });
  }
  if (threads) {
    const name = target === 'node' ? 'node-thread.js' : 'web-thread.js';
    files.push({ name, bytes: readFileSync(packaged(name)) });
  }
  mkdirSync(dir, { recursive: true });
  for (const { name, bytes } of files) writeFileSync(join(dir, name), bytes);
  writeFileSync(join(dir, 'lanelite.d.ts'), "export * from 'lanelite';\n");
  return {
    target,
    operators: [...needs.operators].sort(),
    kernels: [...needs.kernels].sort(),
    allKernels,
    files: files.map(({ name, bytes }) => ({ name, bytes: bytes.length, brotli: brotliCompressSync(bytes).length })),
  };
}

export function formatSelectiveBuild({ target, operators, kernels, allKernels, files }: SelectiveBuild): string {
  return fields([
    ['target', target],
    ['operators', operators.join(', ')],
    ['kernels', `${count(kernels.length)} of ${count(allKernels)}`],
    ...files.map(({ name, bytes, brotli }): [string, string] => [
      name,
      `${bytesText(bytes)}, ${bytesText(brotli)} with brotli`,
    ]),
  ]);
}
