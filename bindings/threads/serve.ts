// What runs inside a thread. The host's thread script connects it to the port that messages come through.
import { decodeSteps, help, type Kernel, type Lead, lead, mayWait, type Outcome, type Step } from './protocol.js';

export interface StartMessage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array;
  /** Thread 0 leads in the caller's place when asked to; the others help until the end. */
  readonly thread: number;
}

export type LeadMessage = Omit<Lead, 'control' | 'waits' | 'observe'>;

export type ThreadMessage =
  | { readonly ready: true }
  | { readonly outcome: Outcome }
  /** The thread is of no use any more. */
  | { readonly failed: string };

/** Plans whose steps a thread remembers. */
const KEPT = 16;

/** Decodes plans, each once. */
function decoder({ memory }: StartMessage, kernels: readonly Kernel[], thread: number) {
  const plans = new Map<number, Step[]>();
  let last = -1;
  let steps: Step[] | undefined;
  return (id: number, address: number): Step[] => {
    if (steps && id === last) return steps;
    last = id;
    steps = plans.get(id);
    if (steps) return steps;
    // This thread's idea of the memory's size may be from before another one made it grow.
    memory.grow(0);
    steps = decodeSteps(new Float64Array(memory.buffer, address), kernels, thread);
    if (plans.size >= KEPT) plans.delete(plans.keys().next().value!);
    plans.set(id, steps);
    return steps;
  };
}

/** Gives the function that takes the messages. */
export function serve(post: (message: ThreadMessage) => void): (message: StartMessage | LeadMessage) => void {
  let run: (message: LeadMessage) => void;
  const start = (message: StartMessage) => {
    const { module, memory, control, thread } = message;
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const load = decoder(message, Object.values(exports) as Kernel[], thread);
    post({ ready: true });
    // Later, so that the answer is on its way when this thread stops to look at messages.
    if (thread > 0) setTimeout(() => help(control, thread, load));
    run = (job) => {
      post({ outcome: lead(load(job.id, job.address), { ...job, control, waits: mayWait(control) }) });
    };
  };
  return (message) => {
    try {
      if ('module' in message) start(message);
      else run(message);
    } catch (error) {
      post({ failed: String(error) });
    }
  };
}
