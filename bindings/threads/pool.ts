import { HostError } from '../errors.js';
import { alone, checkStatus, type InstructionObserver, type Plan, runPlan } from '../graph/compile.js';
import type { Build } from '../hosts/host.js';
import type { Model } from '../model/load.js';
import { Engine } from '../runtime/engine.js';
import type { StartThread, Team, Thread, ThreadHost, ThreadSupport } from './host.js';
import { CONTROL_BYTES, decodeSteps, encodeSteps, type Kernel, lead, mayWait, type Outcome, quit } from './protocol.js';
import type { LeadMessage, StartMessage, ThreadMessage } from './serve.js';
import { estimateWork, sharesOf } from './shares.js';

/** More would only wait for each other. */
const MAX_THREADS = 64;
/** Milliseconds that a thread may take to start, and to get on with its share. */
export const PATIENCE = { start: 20_000, share: 30_000 };

/** One thread; it answers each message once. */
class Link {
  readonly #thread: Thread;
  #answer: ((message: ThreadMessage) => void) | null = null;
  #refuse: ((error: HostError) => void) | null = null;

  constructor(start: StartThread, onFailure: (reason: string) => void) {
    this.#thread = start((message) => {
      if ('failed' in message) onFailure(message.failed);
      else this.#answer?.(message);
    });
  }

  ask(message: StartMessage | LeadMessage): Promise<ThreadMessage> {
    this.#thread.keepsAlive(true);
    const answer = new Promise<ThreadMessage>((resolve, reject) => {
      this.#answer = resolve;
      this.#refuse = reject;
      this.#thread.post(message);
    });
    return answer.finally(() => this.#thread.keepsAlive(false));
  }

  close(reason: string): void {
    this.#refuse?.(new HostError(reason));
    this.#thread.terminate();
  }
}

/** The threads of one engine, for all teams that work in it. Thread 0 is the caller; as a thread it leads in the caller's place. */
class ThreadPool {
  readonly control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  readonly waits = mayWait(this.control);
  readonly kernels: readonly Kernel[];
  readonly kernelNames: readonly string[];
  /** Why it does not work any more. */
  failure: string | null = null;
  busy = false;
  teams = 0;
  plans = 0;
  readonly #links: (Promise<Link> | undefined)[] = [];
  readonly #running = new Set<Link>();
  #closed = false;

  constructor(
    readonly engine: Engine,
    readonly start: StartThread,
  ) {
    this.kernelNames = Object.keys(engine.kernels);
    this.kernels = Object.values(engine.kernels) as Kernel[];
  }

  /** The thread, started if need be. */
  thread(number: number): Promise<Link> {
    this.#links[number] ??= this.#launch(number);
    return this.#links[number]!;
  }

  async #launch(number: number): Promise<Link> {
    const { control } = this;
    const { module, memory } = this.engine;
    const fail = (reason: string) => this.fail(`thread ${number} ${reason}`);
    const timer = setTimeout(() => fail('did not start in time'), PATIENCE.start);
    try {
      const link = new Link(this.start, (reason) => fail(`failed: ${reason}`));
      this.#running.add(link);
      await link.ask({ module, memory, control, thread: number });
      return link;
    } catch (error) {
      if (!this.failure) fail(`could not be started: ${(error as Error).message}`);
      throw new HostError(this.failure!, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  fail(reason: string): void {
    if (this.#closed) return;
    this.failure = reason;
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    pools.delete(this.engine);
    quit(this.control);
    for (const link of this.#running) link.close(this.failure ?? 'the threads were closed');
    this.#running.clear();
  }
}

const pools = new Map<Engine, ThreadPool>();

/** What a team knows of a plan: where its table lies, and what the caller runs. */
type Prepared = Pick<LeadMessage, 'id' | 'address'> & { readonly steps: ReturnType<typeof decodeSteps> };

class PoolTeam implements Team {
  reason: string | null = null;
  readonly #prepared = new WeakMap<Plan, Prepared>();
  #closed = false;

  constructor(
    readonly pool: ThreadPool,
    public count: number,
  ) {
    pool.teams++;
  }

  run(plan: Plan, observe?: InstructionObserver): void {
    // Another interpreter's background run has the threads; this one's memory is its own.
    if (this.#alone() || this.pool.busy) {
      runPlan(plan, observe);
      return;
    }
    const { steps, id, address } = this.#prepare(plan);
    const { control, waits } = this.pool;
    const outcome = lead(steps, {
      ...{ control, waits, id, address, threads: this.count, patience: PATIENCE.share },
      observe: observe && ((step, milliseconds) => observe(plan, step, milliseconds)),
    });
    this.#check(plan, outcome);
  }

  async runAsync(plan: Plan): Promise<void> {
    if (this.#alone() || this.pool.busy) return runPlan(plan);
    const { id, address } = this.#prepare(plan);
    this.pool.busy = true;
    try {
      const leader = await this.pool.thread(0);
      const reply = await leader.ask({ id, address, threads: this.count, patience: PATIENCE.share });
      if ('outcome' in reply) this.#check(plan, reply.outcome);
    } catch (error) {
      this.#alone();
      throw error;
    } finally {
      this.pool.busy = false;
    }
  }

  /** Whether the caller has to run alone; throws when it finds out. */
  #alone(): boolean {
    const { failure } = this.pool;
    if (this.count > 1 && failure) {
      this.reason = failure;
      this.count = 1;
      throw new HostError(`${failure}; from now on this interpreter runs on one thread`);
    }
    return this.count === 1;
  }

  #check(plan: Plan, outcome: Outcome): void {
    if (!outcome) return;
    const instruction = plan.instructions[outcome.step]!;
    if (outcome.trapped) {
      throw new HostError(`kernel ${instruction.kernel} trapped in thread ${outcome.trapped - 1}`);
    }
    if (outcome.status) checkStatus(instruction, outcome.status);
    this.pool.fail(`a thread did not finish its share of kernel ${instruction.kernel}`);
    this.#alone();
  }

  #prepare(plan: Plan): Prepared {
    let prepared = this.#prepared.get(plan);
    if (prepared) return prepared;
    const { engine, kernels, kernelNames } = this.pool;
    const work = estimateWork(plan);
    const table = encodeSteps(
      plan.instructions.map((instruction, i) => ({
        kernel: kernelNames.indexOf(instruction.kernel),
        args: instruction.args,
        scratch: instruction.scratch,
        scratchStride: plan.scratchStride,
        starts: sharesOf(instruction, work[i]!, this.count),
      })),
    );
    const address = plan.constants.allocate(table.byteLength);
    engine.bytes.set(new Uint8Array(table.buffer), address);
    prepared = { id: ++this.pool.plans, address, steps: decodeSteps(table, kernels, 0) };
    this.#prepared.set(plan, prepared);
    return prepared;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (--this.pool.teams === 0) this.pool.close();
  }
}

/** A team whose threads are started as far as they are missing. */
async function startThreads(engine: Engine, count: number, start: StartThread): Promise<Team> {
  let pool = pools.get(engine);
  if (!pool) {
    pool = new ThreadPool(engine, start);
    pools.set(engine, pool);
  }
  const team = new PoolTeam(pool, count);
  try {
    await Promise.all(Array.from({ length: count - 1 }, (_, i) => pool.thread(i + 1)));
    return team;
  } catch (error) {
    team.close();
    return alone((error as Error).message);
  }
}

const moves = new WeakMap<Model, Promise<string | null>>();

/** Moves a model to an engine with shared memory, once for all who ask at the same time; gives the reason where it cannot. */
function moveToShared(model: Model): Promise<string | null> {
  let moving = moves.get(model);
  if (!moving) {
    moving = Engine.create({ ...model.options, build: model.engine.build, threads: MAX_THREADS }).then((engine) => {
      if (!engine.threadsReason) model.move(engine);
      return engine.threadsReason;
    });
    moves.set(model, moving);
    const forget = () => moves.delete(model);
    moving.then(forget, forget);
  }
  return moving;
}

const modules = new Map<Build, Promise<WebAssembly.Module>>();

/** Memory that threads share must declare how far it grows; hosts that set the room aside may refuse the most. */
function sharedMemory(): WebAssembly.Memory {
  for (let maximum = 65536; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (maximum < 8192) throw error;
    }
  }
}

export function threadSupport({ reason, compile, start }: ThreadHost): ThreadSupport {
  const compiled = (build: Build) => {
    let module = modules.get(build);
    if (!module) {
      module = compile(build);
      modules.set(build, module);
      module.catch(() => modules.delete(build));
    }
    return module;
  };
  const startTeamIn = async (engine: Engine, count: number) =>
    engine.threadsReason ? alone(engine.threadsReason) : startThreads(engine, Math.min(count, MAX_THREADS), start);
  return {
    async prepare(build, given) {
      if (reason) return reason;
      if (!given && build === 'scalar') return "the 'scalar' build has no threads";
      try {
        const module = given ?? (await compiled(build));
        const memory = sharedMemory();
        if (given) new WebAssembly.Instance(given, { env: { memory, abort() {} } });
        return { module, memory };
      } catch (error) {
        return `the kernels do not run in shared memory: ${(error as Error).message}`;
      }
    },
    async startTeam(model, count) {
      // An engine that the caller gave is where the model has to be.
      const stays = model.options.engine || !model.engine.threadsReason;
      const reason = stays ? null : await moveToShared(model);
      if (reason) return alone(reason);
      const team = await startTeamIn(model.engine, count);
      if (model.closed) team.close();
      return team;
    },
    startTeamIn,
  };
}
