// How threads work on one plan. The leader walks the plan; an instruction with enough work is cut into shares, and every
// thread, the leader too, takes the next share until none is left. Shares differ from run to run, results don't: any split
// of a kernel's units gives the same bytes. A thread that the system keeps from running holds nobody up, for it takes nothing.
//
// What they agree through is a few words of shared memory: `ticket` counts the instruction up and the shares left down, so that
// one compare-and-exchange takes a share; while a share is not done, the plan stands still. A word that another core wrote takes
// about 0.1 µs to read, as long as some kernels run: so an instruction moves two of them, `ticket` and `done`, and no others.

/** Words of the control block; those that different threads write are on cache lines of their own. */
const TICKET = 0;
const SLEEPING = 16;
/** Shares that helpers have done, ever. */
const DONE = 32;
const LEADER_WAITS = 33;
/** Written between runs. */
const PLAN_ID = 48;
const PLAN_ADDRESS = 49;
/** What `ticket` counts at the plan's first instruction. */
const FIRST = 50;
const THREADS = 51;
const QUIT = 52;
export const STATUS = 53;
/** Number of a thread in which a kernel trapped. */
export const TRAPPED = 54;
export const CONTROL_BYTES = 64 * 4;

const LEFT = 255;
/** The lower bits of `ticket` are the shares left; the upper ones count, and wrapping around is fine. */
const COUNT = 8;
/** Loads before a thread sleeps: about as long as waking it takes. */
const SPIN = 4000;

export type Kernel = (...args: number[]) => number | undefined;

/** An instruction as one thread runs it: a call for each share, in this thread's scratch memory. */
export type Step = readonly (() => number | undefined)[];

/** What the table of a plan says of one instruction. */
export interface StepRecord {
  /** Position among the exports. */
  readonly kernel: number;
  readonly args: readonly number[];
  /** Positions of arguments in scratch memory, and the bytes from one thread's to the next one's. */
  readonly scratch: readonly number[];
  readonly scratchStride: number;
  /** Where the shares begin, and the end; [0, units] where one thread does all. */
  readonly starts: readonly number[];
}

/** Steps as numbers in linear memory, where each thread finds them. */
export function encodeSteps(records: readonly StepRecord[]): Float64Array {
  const words = [records.length];
  for (const { kernel, args, scratch, scratchStride, starts } of records) {
    words.push(kernel, scratchStride, scratch.length, ...scratch, args.length, ...args, starts.length, ...starts);
  }
  return Float64Array.from(words);
}

export function decodeSteps(words: Float64Array, kernels: readonly Kernel[], thread: number): Step[] {
  let at = 0;
  const next = () => words[at++]!;
  const list = () => Array.from({ length: next() }, next);
  return Array.from({ length: next() }, () => {
    const run = kernels[next()]!;
    const stride = next();
    const scratch = list();
    const args = list();
    for (const i of scratch) args[i]! += thread * stride;
    const before = args.slice(0, -2);
    const starts = list();
    return starts.slice(1).map((end, i) => run.bind(undefined, ...before, starts[i]!, end));
  });
}

/** Whether this thread may sleep; a page's main thread may not. */
export function mayWait(control: Int32Array): boolean {
  try {
    Atomics.wait(control, CONTROL_BYTES / 4 - 1, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** Takes a share of the instruction at hand, if `ticket` is still the last word, and does it. */
function takeShare(control: Int32Array, ticket: number, steps: () => readonly Step[], thread: number): boolean {
  if (Atomics.compareExchange(control, TICKET, ticket, ticket - 1) !== ticket) return false;
  try {
    const first = Atomics.load(control, FIRST);
    const shares = steps()[((ticket >>> COUNT) - first) & (-1 >>> COUNT)]!;
    doShare(control, shares[shares.length - (ticket & LEFT)]!);
  } catch {
    Atomics.store(control, TRAPPED, thread + 1);
  }
  return true;
}

function doShare(control: Int32Array, share: Step[number]): void {
  const status = share();
  if (status) Atomics.store(control, STATUS, status);
}

/**
 * Helps with whatever is led, until told to quit.
 * @param load the steps of a plan by its id and the address of its table
 */
export function help(control: Int32Array, thread: number, load: (id: number, address: number) => Step[]): void {
  const steps = () => load(Atomics.load(control, PLAN_ID), Atomics.load(control, PLAN_ADDRESS) >>> 0);
  for (;;) {
    const ticket = Atomics.load(control, TICKET);
    if (Atomics.load(control, QUIT)) return;
    if ((ticket & LEFT) > 0 && thread < Atomics.load(control, THREADS)) {
      if (takeShare(control, ticket, steps, thread)) {
        Atomics.add(control, DONE, 1);
        if (Atomics.load(control, LEADER_WAITS)) Atomics.notify(control, DONE);
      }
      continue;
    }
    let spins = SPIN;
    while (spins > 0 && Atomics.load(control, TICKET) === ticket) spins--;
    if (spins > 0) continue;
    Atomics.add(control, SLEEPING, 1);
    Atomics.wait(control, TICKET, ticket);
    Atomics.sub(control, SLEEPING, 1);
  }
}

export interface Lead {
  readonly control: Int32Array;
  readonly id: number;
  readonly address: number;
  readonly threads: number;
  /** The leader may sleep while others finish. */
  readonly waits: boolean;
  /** Milliseconds without any progress after which a thread counts as dead. */
  readonly patience: number;
  readonly observe?: (step: number, milliseconds: number) => void;
}

/** How a run ended: the step and the status of its kernel, or that a thread trapped or does not answer. */
export type Outcome = null | { readonly step: number; readonly status?: number; readonly trapped?: number };

/** Runs a plan with all who help. */
export function lead(steps: readonly Step[], options: Lead): Outcome {
  const { control, observe } = options;
  const first = (Atomics.load(control, TICKET) >>> COUNT) + 1;
  Atomics.store(control, PLAN_ID, options.id);
  Atomics.store(control, PLAN_ADDRESS, options.address);
  Atomics.store(control, FIRST, first);
  Atomics.store(control, THREADS, options.threads);
  Atomics.store(control, STATUS, 0);
  Atomics.store(control, TRAPPED, 0);
  const all = () => steps;
  let done = Atomics.load(control, DONE);
  for (let i = 0; i < steps.length; i++) {
    const shares = steps[i]!;
    const started = observe && performance.now();
    if (shares.length === 1) {
      let status: number | undefined;
      try {
        status = shares[0]!();
      } catch {
        return { step: i, trapped: 1 };
      }
      if (status) return { step: i, status };
    } else {
      // The first share is the leader's without asking.
      done += shares.length - 1;
      Atomics.store(control, TICKET, ((first + i) << COUNT) | (shares.length - 1));
      wake(control);
      try {
        doShare(control, shares[0]!);
      } catch {
        Atomics.store(control, TRAPPED, 1);
      }
      for (let ticket = Atomics.load(control, TICKET); ticket & LEFT; ticket = Atomics.load(control, TICKET)) {
        if (takeShare(control, ticket, all, 0)) done--;
      }
      if (!reached(done, options)) return { step: i };
      const status = Atomics.load(control, STATUS);
      const trapped = Atomics.load(control, TRAPPED);
      if (status || trapped) return trapped ? { step: i, trapped } : { step: i, status };
    }
    if (started !== undefined) observe!(i, performance.now() - started);
  }
  return null;
}

function wake(control: Int32Array): void {
  if (Atomics.load(control, SLEEPING)) Atomics.notify(control, TICKET);
}

/** Waits for the shares that others took; false where patience ran out. */
function reached(wanted: number, { control, waits, patience }: Lead): boolean {
  let deadline = 0;
  let before = 0;
  for (let spins = 0; ; spins++) {
    const done = Atomics.load(control, DONE);
    if (done === (wanted | 0)) return true;
    if (done !== before) deadline = spins = 0;
    before = done;
    if (spins < SPIN || (!waits && spins % SPIN)) continue;
    const now = performance.now();
    deadline ||= now + patience;
    if (now > deadline) return false;
    if (!waits) continue;
    Atomics.store(control, LEADER_WAITS, 1);
    if (Atomics.load(control, DONE) === done) Atomics.wait(control, DONE, done, patience);
    Atomics.store(control, LEADER_WAITS, 0);
  }
}

/** Makes helpers return. */
export function quit(control: Int32Array): void {
  Atomics.store(control, QUIT, 1);
  Atomics.store(control, TICKET, (Atomics.load(control, TICKET) | LEFT) + 1);
  wake(control);
}
