import { HostError } from '../errors.js';
import { type Build, chooseBuild, getHost, supportsBuild } from '../hosts/host.js';
import { MemoryMap } from '../memory/map.js';
import type { Kernels } from './kernels.js';

export interface EngineOptions {
  /** Which kernels; `auto` takes the fastest that the host runs. */
  readonly build?: Build | 'auto';
  /** Leaves relaxed SIMD out, so that float results are the same on every host. */
  readonly deterministic?: boolean;
  /** Bytes that linear memory may reach. */
  readonly maxMemory?: number;
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
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly map: MemoryMap;
  #bytes: Uint8Array;

  private constructor(
    readonly build: Build,
    module: WebAssembly.Module,
    maxMemory?: number,
  ) {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    // Kernels take plain addresses, so none of what a loader adds for managed objects is needed.
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory, abort: refuse } });
    this.kernels = exports as unknown as Kernels;
    this.map = new MemoryMap(this.memory, this.kernels.heap_base(), maxMemory);
    this.#bytes = new Uint8Array(this.memory.buffer);
  }

  /** @throws HostError where the host cannot run the build */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    const { build: wanted = 'auto', deterministic, maxMemory } = options;
    const build = wanted === 'auto' ? chooseBuild(deterministic) : wanted;
    if (!options.module && !supportsBuild(build)) {
      throw new HostError(`this host cannot run the '${build}' build; use 'auto' to take the fastest that it can`);
    }
    return new Engine(build, options.module ?? (await compiled(build)), maxMemory);
  }

  /** All of linear memory; taken anew after it grew, so don't keep it. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }
}
