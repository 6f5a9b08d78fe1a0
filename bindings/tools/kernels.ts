/**
 * Kernels that users write in AssemblyScript, for `lanelite build --kernels`: compiled as the runtime's own are, once for each of
 * its wasm builds, with their static data behind the runtime's, and put into that build.
 */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type binaryenTypes from 'binaryen';
import { LaneliteError } from '../errors.js';

type Binaryen = typeof binaryenTypes;

/** The wasm builds: those of the runtime's hosts, and the same for memory that threads share. */
export type WasmBuild = 'scalar' | 'simd' | 'relaxed' | 'simd-threads' | 'relaxed-threads';

/** asc's options by build, as in asconfig.json. */
const SIMD = ['--enable', 'simd'];
const RELAXED = [...SIMD, '--enable', 'relaxed-simd'];
const SHARED = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];
const OPTIONS: Record<WasmBuild, readonly string[]> = {
  scalar: [],
  simd: SIMD,
  relaxed: RELAXED,
  'simd-threads': [...SIMD, ...SHARED],
  'relaxed-threads': [...RELAXED, ...SHARED],
};

/** What engines begin with, static data and all. */
const FIRST_PAGE = 65536;

/** An entry beside the user's, which says where their static data end. */
const HEAP_BASE = 'lanelite_heap_base';
const ENTRY = 'lanelite-heap-base.ts';

export interface UserKernels {
  readonly bytes: Uint8Array;
  /** The exports. */
  readonly names: readonly string[];
  /** Where their static data end. */
  readonly heapBase: number;
}

const failed = (message: string) => new LaneliteError('KERNEL', message);

/** The packages that compile and look into kernels. */
export interface KernelTools {
  readonly asc: Pick<typeof import('assemblyscript/asc'), 'main'>;
  readonly binaryen: Binaryen;
}

/**
 * Compiles AssemblyScript files together.
 * @param base address of their static data: where the runtime's end
 * @throws LaneliteError with the code KERNEL and the compiler's message, or what keeps an export from being a kernel
 */
export async function compileKernels(
  { asc, binaryen }: KernelTools,
  files: readonly string[],
  build: WasmBuild,
  base: number,
): Promise<UserKernels> {
  const names = files.map((file) => basename(file)).join(', ');
  const where = `${names}, for the '${build}' build`;
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...[...files, ENTRY, '--outFile', 'kernels.wasm', '-O2', '--noAssert', '--runtime', 'stub', '--importMemory'],
      ...['--noExportMemory', '--memoryBase', String(base), '--use', 'abort=', ...OPTIONS[build]],
    ],
    {
      readFile(name, directory) {
        if (name === ENTRY) return `export function ${HEAP_BASE}(): usize { return __heap_base; }`;
        // A project's own configuration is for its other code.
        if (basename(name) === 'asconfig.json') return null;
        try {
          return readFileSync(resolve(directory, name), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile(_, contents) {
        bytes = contents as Uint8Array;
      },
      listFiles: () => null,
    },
  );
  if (error) throw failed(`${where}: ${stderr.toString().trim() || error.message}`);
  const module = binaryen.readBinary(bytes!);
  try {
    module.setFeatures(binaryen.Features.All);
    const { imports, pages, grows } = facts(module.emitText());
    if (imports.length) {
      throw failed(`${where}: kernels are given nothing but memory, and these import ${imports.join(', ')}`);
    }
    if (grows) {
      throw failed(
        `${where}: kernels allocate nothing, for the runtime hands out all memory; these make arrays, strings or objects. ` +
          'Load from and store to addresses, and ask lower() for scratch() or temporary() memory',
      );
    }
    if (pages > 1) {
      throw failed(
        `${where}: static data must end within the first ${FIRST_PAGE} bytes of memory, of which the runtime takes ${base}. ` +
          'Hand larger tables in from lower(), as typed arrays, or as constant tensors of the model',
      );
    }
    const found = Array.from({ length: module.getNumExports() }, (_, i) =>
      binaryen.getExportInfo(module.getExportByIndex(i)),
    );
    const kernels = found.filter(({ name }) => name !== HEAP_BASE);
    for (const { name, kind, value } of kernels) {
      const complaint = complain(binaryen, module, kind, value);
      if (complaint) throw failed(`${where}: export '${name}' is no kernel: ${complaint}`);
    }
    if (!kernels.length) throw failed(`${where}: nothing is exported`);
    return {
      bytes: bytes!,
      names: kernels.map(({ name }) => name),
      heapBase: constantResult(binaryen, module, HEAP_BASE),
    };
  } finally {
    module.dispose();
  }
}

/** What keeps an export from being a kernel; null where nothing does. */
function complain(binaryen: Binaryen, module: binaryenTypes.Module, kind: number, value: string): string | null {
  const { i32, i64, v128, none } = binaryen;
  if (kind !== binaryen.ExternalFunction) return 'it is no function; leave `export` away';
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(value));
  const types = binaryen.expandType(params);
  if (types.length < 2 || types.slice(-2).some((type) => type !== i32)) {
    return 'its last two parameters must be begin: i32, end: i32, the range of units to do';
  }
  if (types.includes(i64) || types.includes(v128)) return 'its parameters may be usize, i32, f32 and f64';
  return results === none || results === i32 ? null : 'it may return nothing, or a status of type i32';
}

/** The number that a function without parameters returns. */
export function constantResult(binaryen: Binaryen, module: binaryenTypes.Module, name: string): number {
  const { value } = binaryen.getExportInfo(module.getExport(name));
  const { body } = binaryen.getFunctionInfo(module.getFunction(value));
  return (binaryen.getExpressionInfo(body) as binaryenTypes.ConstInfo).value as number;
}

const STRING = /"(?:[^"\\]|\\.)*"/;
const MEMORY_IMPORT = /^ \(import "env" "memory" \(memory \S+ (\d+).*$/m;

/** What a module's text says of its surroundings. */
function facts(text: string) {
  const imports = [...text.matchAll(/^ \(import "([^"]*)" "([^"]*)" \((?!memory)/gm)];
  return {
    imports: imports.map(([, module, name]) => `${module}.${name}`),
    pages: Number(MEMORY_IMPORT.exec(text)?.[1] ?? 0),
    grows: /\(memory\.grow/.test(text),
  };
}

/**
 * The runtime's kernels and the user's as one module over one memory. They are joined as text, with other names in one, for
 * Binaryen's API copies functions, but neither tables nor data, from one module to another.
 * @param runtime a wasm build, with what is to be in the result; its `heap_base` becomes that of both
 */
export function mergeKernels(binaryen: Binaryen, runtime: Uint8Array, user: UserKernels): Uint8Array {
  const texts = [runtime, user.bytes].map((bytes) => {
    const module = binaryen.readBinary(bytes);
    module.setFeatures(binaryen.Features.All);
    if (bytes === runtime) module.removeExport('heap_base');
    const text = module.emitText();
    module.dispose();
    return text;
  });
  const names = new RegExp(`${STRING.source}|\\$(?=[^\\s()])`, 'g');
  const theirs = texts[1]!
    .replace(MEMORY_IMPORT, '')
    .replace(names, (token) => (token === '$' ? '$user.' : token))
    .replace(`(export "${HEAP_BASE}"`, '(export "heap_base"')
    .replace(/^\(module/, '');
  const module = binaryen.parseText(texts[0]!.replace(/\)\s*$/, '') + theirs);
  try {
    module.setFeatures(binaryen.Features.All);
    module.runPasses(['remove-unused-module-elements']);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
