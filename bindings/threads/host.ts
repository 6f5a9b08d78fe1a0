import type { InstructionObserver, Plan } from '../graph/compile.js';
import type { Build } from '../hosts/host.js';
import type { Model } from '../model/load.js';
import type { Engine } from '../runtime/engine.js';
import type { LeadMessage, StartMessage, ThreadMessage } from './serve.js';

/** A thread as its host sees it. */
export interface Thread {
  post(message: StartMessage | LeadMessage): void;
  /** Whether the process lives as long as the thread. */
  keepsAlive(yes: boolean): void;
  terminate(): unknown;
}

/** Starts the thread script; `receive` gets what it posts, and `failed` should it end. */
export type StartThread = (receive: (message: ThreadMessage) => void) => Thread;

/** The threads that one interpreter may use. */
export interface Team {
  /** Threads, the caller's among them. */
  readonly count: number;
  /** Why there are fewer than asked for; null where there are as many. */
  readonly reason: string | null;
  /** @throws HostError when a thread died; from then on the caller runs alone */
  run(plan: Plan, observe?: InstructionObserver): void;
  /** The same while the caller goes on with other things. */
  runAsync(plan: Plan): Promise<void>;
  close(): void;
}

/** What threads take, from one host. */
export interface ThreadHost {
  /** Why there are none; null where there are. */
  readonly reason: string | null;
  /** The kernels for shared memory. */
  compile(build: Build): Promise<WebAssembly.Module>;
  readonly start: StartThread;
}

/** What engines and models need for threads; loaded when they are asked for. */
export interface ThreadSupport {
  /** Kernels and memory that threads can share, or the reason why there are none. */
  prepare(
    build: Build,
    module?: WebAssembly.Module,
  ): Promise<{ module: WebAssembly.Module; memory: WebAssembly.Memory } | string>;
  /** A team for a model, which is moved to such memory if need be; of one where there cannot be more. */
  startTeam(model: Model, count: number): Promise<Team>;
  /** A team in an engine that has such memory. */
  startTeamIn(engine: Engine, count: number): Promise<Team>;
}
