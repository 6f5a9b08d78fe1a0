import type { RelaxedDot } from '../../assembly/lib/opcodes.js';
import type { TypedArray } from '../dtype.js';
import type { CompileOptions, ModelResources, Plan } from '../graph/compile.js';
import type { ConstantData, Inference, Known, OpNode, Session, Shape, Value } from '../graph/ir.js';
import type { RewritePass } from '../graph/rewrite.js';
import type { Activation } from '../quantization.js';
import type { Kernels } from '../runtime/kernels.js';
import type { Pads } from './shared/window.js';

/**
 * Everything the compiler must know about one TFLite operator. One file of `bindings/ops/` each, listed in
 * `ops/standard.ts`, `ops/common.ts` or `ops/extended.ts`; nothing outside that file asks for an operator's name.
 */
export interface Operator {
  /** The schema's name, or a custom code. */
  readonly name: string;

  /**
   * Shapes of all outputs. Checks options, arity, shapes and dtypes, and throws (see `graph/ir.ts`:
   * `invalid`, `badShape`, `unsupported`) for everything that `lower` could not run.
   */
  infer(node: OpNode, known: Inference): Shape[];

  /** Appends the kernel calls that compute the outputs. Shapes are final; addresses are not known yet. */
  lower(node: OpNode, plan: PlanBuilder): void;

  /** What happens between two segments where `infer` ended one by `known.suspend()`. */
  enter?(site: CallSite): Activity;

  /**
   * Inputs whose storage output 0 may take over if they die here. Only if the kernels allow output and input
   * at the same address, and the element sizes are equal.
   */
  inPlace?(node: OpNode): readonly number[];

  /**
   * Values that would best lie inside another: a RESHAPE's output is its input, the parts of an outer-axis
   * CONCATENATION lie in its output. A wish: `lower` calls `plan.copy` for each, and the copies whose wish
   * came true vanish. `known` tells where a SLICE begins.
   */
  aliases?(node: OpNode, known: Known): readonly Alias[];

  /** The outputs depend on the shapes of the inputs alone (SHAPE, RANK), so they are known at compile time. */
  readonly shapeOnly?: boolean;

  /** Has effects or state beyond its outputs (variables, random numbers): never folded, never dropped. */
  readonly stateful?: boolean;

  /** `options.fusedActivationFunction` may be set to a clamp (RELU, RELU6, RELU_N1_TO_1) by the compiler. */
  readonly fusesClamp?: boolean;

  /** The operator is nothing but this clamp on real numbers, so that a producer with `fusesClamp` can do it. */
  readonly clamp?: Activation;

  /** Takes nodes of this operator out of a graph where a neighbour can do their work. */
  readonly rewrite?: RewritePass;

  /** Understands `padding: 'EXPLICIT'` with `options.pads`, so that a PAD before it can be folded in. */
  readonly foldsPad?: boolean;

  /** The operator pads height and width of an NHWC tensor with (quantized) zeros by this much; null if it does more. */
  pads?(node: OpNode, known: Known): Pads | null;

  /** Reads sparse constants; the compiler refuses them for all other operators. */
  readonly takesSparse?: boolean;

  /** Multiply-accumulates of one run, for `summarize` and profiles. */
  macs?(node: OpNode): number;
}

/** Where a plan was suspended. */
export interface CallSite {
  readonly node: OpNode;
  /** What runs before. */
  readonly plan: Plan;
  readonly resources: ModelResources;
  readonly options: CompileOptions;
}

/** Work between two segments, with plans of its own: calls of subgraphs. Any number of runs, one after the other. */
export interface Activity {
  /** The first plan to run; null if there is none. */
  begin(): Plan | null;
  /** The next one, when the one before has run; null at the end. */
  next(): Plan | null;
  /** Whether `results` are known without a run. */
  settle(): boolean;
  /** What the node's outputs are after the end; null if the node is to be inferred once more. */
  readonly results: readonly { readonly shape: Shape; readonly address: number }[] | null;
  /** The plans known. */
  readonly plans: readonly Plan[];
  release(): void;
}

/** `inner` occupies the bytes of `outer` from `offset` on. */
export interface Alias {
  readonly inner: Value;
  readonly outer: Value;
  readonly offset: number;
}

/** An address that is settled when the plan is placed. */
export interface Ref {
  readonly value: Value | Scratch;
  readonly offset: number;
}

/** Working memory of one instruction, or of one node (`plan.temporary`); contents are undefined before and after it. */
export interface Scratch {
  readonly scratch: true;
  readonly bytes: number;
  /** All threads see the same. */
  readonly shared: boolean;
  /** From the start of the node's working memory. */
  readonly offset: number;
}

/** A kernel argument: a number as it is, or something that has an address. */
export type Arg = number | Value | Ref | Scratch;

/** `Args<[begin: number, ...]>` without the last two (the unit range), each a symbolic argument. */
type DropRange<T extends unknown[]> = T extends [...infer Head, number, number] ? Head : never;
type Symbolic<T extends unknown[]> = { [I in keyof T]: Arg };
export type KernelArgs<K extends keyof Kernels> = Symbolic<DropRange<Parameters<Kernels[K]>>>;

/**
 * How lowerings write a plan. All sizes are bytes unless a kernel says otherwise.
 */
export interface PlanBuilder extends Known {
  /** `exact` equals the TFLite reference kernels bit for bit; `fast` may differ in the last bit of quantized results. */
  readonly arithmetic: 'exact' | 'fast';
  /** Which bytes relaxed dot products take beside int8, if they are exact at full range and may be used. */
  readonly relaxedDot: RelaxedDot;
  /** The kernels themselves, for work at compile time (packing, tables). All arguments are plain addresses. */
  readonly kernels: Kernels;

  /**
   * One kernel call. `units` is the number of independent work units (the kernel's last two arguments are
   * the half-open range of units to do).
   */
  call<K extends keyof Kernels>(kernel: K, args: KernelArgs<K>, units: number): void;

  /** Copies bytes between values; dropped where source and destination share storage. */
  copy(to: Value | Ref, from: Value | Ref, bytes: number): void;

  /** Working memory of one kernel call. The threads that share a call out have each their own. */
  scratch(bytes: number): Scratch;

  /** Memory for what one call of the current node leaves to a later one; all threads see the same. */
  temporary(bytes: number): Scratch;

  /** Constant data that this plan owns (parameter blocks, tables, multipliers); 16-byte aligned address. */
  constant(data: TypedArray): number;

  /**
   * Constant memory that `fill` writes at compile time (packed weights), shared by all plans of the model that
   * use the same key. `fill` gets the address; zeroed before. Keys name the layout and everything it depends on,
   * e.g. `gemm-qs8:${weights.constant.id}:${zeroPoint}`.
   */
  packed(key: string, bytes: number, fill: (address: number) => void): number;

  /** A copy of constant bytes as a typed array of the value's dtype. */
  read(value: Value): TypedArray;

  /** Where a value lies whose address was given before this segment was placed; undefined for others. */
  placed(value: Value): number | undefined;

  readonly session: Session;

  /** Bytes in linear memory at `address`; valid until the next allocation. */
  bytes(address: number, length: number): Uint8Array;
}

export type { ConstantData, Inference, Known, OpNode, Shape, Value };
