import type { RelaxedDot } from '../../assembly/lib/opcodes.js';
import { HostError } from '../errors.js';
import { THREADS } from '../features.js';
import { type Build, chooseBuild, getHost, NO_THREADS, supportsBuild } from '../hosts/host.js';
import { MemoryMap } from '../memory/map.js';
import type { Kernels } from './kernels.js';

export interface EngineOptions {
  /** Which kernels; `auto` takes the fastest that the host runs. */
  readonly build?: Build | 'auto';
  /** Leaves relaxed SIMD out, so that float results are the same on every host. */
  readonly deterministic?: boolean;
  /** Bytes that linear memory may reach. */
  readonly maxMemory?: number;
  /**
   * More than one asks for memory that threads can share. A model that lies in an engine of its own moves there by itself when
   * an interpreter asks for threads; saying so here saves the copy.
   */
  readonly threads?: number;
  /** Compiled kernels, for hosts that bring their own (Workers, selective builds). */
  readonly module?: WebAssembly.Module;
}

/** Debug builds end here when an assertion fails; the others have none. */
function refuse(_message: number, _file: number, line: number, column: number): never {
  throw new HostError(`a kernel gave up at ${line}:${column}`);
}

const modules = new Map<Build, Promise<WebAssembly.Module>>();

function compiled(build: Build): Promise<WebAssembly.Module> {
  let module = modules.get(build);
  if (!module) {
    module = getHost().compile(build);
    modules.set(build, module);
    module.catch(() => modules.delete(build));
  }
  return module;
}

/** One instance of the kernels with its linear memory. Models live in it; all that is in one engine shares memory. */
export class Engine {
  readonly kernels: Kernels;
  readonly map: MemoryMap;
  /** What the machine's relaxed products of bytes are good for, as a kernel tried out. */
  readonly relaxedDot: RelaxedDot;
  #bytes: Uint8Array;

  private constructor(
    readonly build: Build,
    readonly module: WebAssembly.Module,
    readonly memory: WebAssembly.Memory,
    /** Why threads cannot share this memory; null where they can. */
    readonly threadsReason: string | null,
    maxMemory?: number,
  ) {
    // Kernels take plain addresses, so none of what a loader adds for managed objects is needed.
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: refuse } });
    this.kernels = exports as unknown as Kernels;
    this.relaxedDot = this.kernels.relaxed_dot_kind();
    this.map = new MemoryMap(memory, this.kernels.heap_base(), maxMemory);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** @throws HostError where the host cannot run the build */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    const { build: wanted = 'auto', deterministic, maxMemory, threads = 1 } = options;
    const build = wanted === 'auto' ? chooseBuild(deterministic) : wanted;
    if (!options.module && !supportsBuild(build)) {
      throw new HostError(`this host cannot run the '${build}' build; use 'auto'`);
    }
    const shared =
      THREADS && threads > 1
        ? ((await (await getHost().threads?.())?.prepare(build, options.module)) ?? NO_THREADS)
        : 'the engine is for one thread';
    if (typeof shared !== 'string') return new Engine(build, shared.module, shared.memory, null, maxMemory);
    const module = options.module ?? (await compiled(build));
    return new Engine(build, module, new WebAssembly.Memory({ initial: 1 }), shared, maxMemory);
  }

  /** All of linear memory; taken anew after it grew, so don't keep it. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }
}
