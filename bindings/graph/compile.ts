import type { RelaxedDot } from '../../assembly/lib/opcodes.js';
import { type TypedArray, typedArrayOf, typedView } from '../dtype.js';
import {
  InvalidOperatorError,
  LaneliteError,
  MemoryLimitError,
  type UnsupportedOperator,
  UnsupportedOperatorError,
} from '../errors.js';
import type { Pool, Region, RegionOwner } from '../memory/map.js';
import { type Block, place } from '../memory/planner.js';
import type { Arg, KernelArgs, Operator, PlanBuilder, Ref, Scratch } from '../ops/operator.js';
import type { Engine } from '../runtime/engine.js';
import type { Kernels } from '../runtime/kernels.js';
import type { Walk } from '../runtime/runner.js';
import type { Variables } from '../runtime/variables.js';
import type { Team } from '../threads/host.js';
import { cloneGraph, type Graph } from './graph.js';
import {
  badShape,
  bytesOf,
  type ConstantData,
  type Inference,
  invalid,
  type Known,
  type OpNode,
  type Session,
  unsupported,
  type Value,
} from './ir.js';
import type { Pins } from './pins.js';
import { rewrite } from './rewrite.js';
import { type Lifetime, StoragePlan } from './storage.js';
import type { stringAccess } from './strings.js';

export type Arithmetic = 'exact' | 'fast';

export interface CompileOptions {
  readonly arithmetic: Arithmetic;
  /** Every tensor keeps its own memory and no rewrite removes one. */
  readonly preserveAllTensors: boolean;
  /** The threads that run the plans. */
  readonly team?: Team;
  readonly session: Session;
}

/** What all plans of one model share. */
export interface ModelResources {
  readonly engine: Engine;
  readonly operators: ReadonlyMap<string, Operator>;
  /** Packed weights, by the key that lowerings give. */
  readonly packed: Map<string, number>;
  readonly packedPool: Pool;
  // What standard models do without.
  readonly variables?: (graph: Graph, engine: Engine) => Variables;
  /** Compiles subgraphs; without it, into one plan each. */
  readonly walk?: (start: SegmentStart, resources: ModelResources, options: CompileOptions) => Walk;
  readonly pins?: (
    graph: Graph,
    addresses: Map<Value, number>,
    resources: ModelResources,
    options: CompileOptions,
  ) => Pins;
  /** Why there is no such operator. */
  readonly missing?: (node: OpNode) => string;
  /** Strings in and out of tensors. */
  readonly strings?: typeof stringAccess;
}

/** One kernel call of a plan. `args` ends with the unit range. */
export interface Instruction {
  readonly kernel: keyof Kernels;
  readonly run: (...args: number[]) => number | undefined;
  readonly args: readonly number[];
  /** `run` with all of `args`: a bound function is called in half the time of one that gets its arguments spread. */
  readonly call: () => number | undefined;
  /** Positions of the arguments that lie in scratch memory, of which each thread has its own. */
  readonly scratch: readonly number[];
  readonly units: number;
  readonly node: OpNode;
}

/** Called after each instruction of a profiled run. */
export type InstructionObserver = (plan: Plan, index: number, milliseconds: number) => void;

/** Instructions for a run of nodes with all addresses settled, and the memory they work in. */
export interface Plan {
  readonly instructions: readonly Instruction[];
  /** The graph as rewritten, with inferred shapes; a private copy. */
  readonly graph: Graph;
  readonly nodes: readonly OpNode[];
  /** Address of each value that this plan or an earlier one computes. */
  readonly addresses: ReadonlyMap<Value, number>;
  readonly memory: { readonly arena: number; readonly lowerBound: number; readonly scratch: number };
  /** Bytes from one thread's scratch memory to the next one's. */
  readonly scratchStride: number;
  readonly operators: ReadonlyMap<string, Operator>;
  /** Memory that lives as long as the plan. */
  readonly constants: Pool;
  /** Run-time values that decided this plan's shapes, by this plan's graph. */
  readonly known: ReadonlyMap<Value, readonly number[]>;
  /** What must be read, or (without a value) done, before the rest can be compiled: null at the end of the graph. */
  readonly pending: { readonly value: Value | null; readonly node: number } | null;
  release(): void;
}

/** Thrown by `known.values` where a value is computed at run time, and by `known.suspend`; ends the segment. */
class NeedsValue {
  constructor(readonly value: Value | null) {}
}

/** Where a segment starts: everything that earlier segments found out. */
export interface SegmentStart {
  readonly graph: Graph;
  readonly node: number;
  readonly known: ReadonlyMap<Value, readonly number[]>;
  readonly addresses: ReadonlyMap<Value, number>;
  /** Inputs that lie at given addresses, but may be overwritten once they are read. */
  readonly pins?: ReadonlyMap<Value, number>;
}

interface Step {
  readonly kernel: keyof Kernels;
  readonly args: readonly Arg[];
  readonly units: number;
  readonly node: OpNode;
  readonly isCopy?: boolean;
}

const isRef = (arg: Value | Ref | Scratch): arg is Ref => 'value' in arg;
const isScratch = (arg: Value | Scratch): arg is Scratch => 'scratch' in arg;

/** Threads had better not write on the same cache line. */
const wholeLines = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** Collects the steps of a segment. */
class Builder implements PlanBuilder {
  readonly steps: Step[] = [];
  /** Memory that one node after the other uses: what all threads share, and what each has for itself. */
  temporaryBytes = 0;
  scratchBytes = 0;
  #temporary = 0;
  #scratch = 0;
  node!: OpNode;
  readonly arithmetic: Arithmetic;
  readonly session: Session;
  readonly kernels: Kernels;
  readonly relaxedDot: RelaxedDot;

  constructor(
    readonly resources: ModelResources,
    options: CompileOptions,
    readonly known: Known,
    readonly constants: Pool,
    readonly placed: PlanBuilder['placed'],
  ) {
    this.arithmetic = options.arithmetic;
    this.session = options.session;
    this.kernels = resources.engine.kernels;
    this.relaxedDot = resources.engine.relaxedDot;
  }

  lower(node: OpNode, operator: Operator): void {
    this.node = node;
    this.#temporary = this.#scratch = 0;
    operator.lower(node, this);
  }

  values(value: Value): number[] {
    return this.known.values(value);
  }

  call<K extends keyof Kernels>(kernel: K, args: KernelArgs<K>, units: number): void {
    if (units <= 0) return;
    if (!this.kernels[kernel]) {
      throw unsupported(this.node, `kernel ${kernel} is not in this build`);
    }
    this.steps.push({ kernel, args: args as readonly Arg[], units, node: this.node });
  }

  copy(to: Value | Ref, from: Value | Ref, bytes: number): void {
    if (bytes > 0)
      this.steps.push({ kernel: 'x8_copy', args: [from, to], units: bytes, node: this.node, isCopy: true });
  }

  scratch(bytes: number): Scratch {
    const offset = this.#scratch;
    this.#scratch += wholeLines(bytes);
    this.scratchBytes = Math.max(this.scratchBytes, this.#scratch);
    return { scratch: true, bytes, shared: false, offset };
  }

  temporary(bytes: number): Scratch {
    const offset = this.#temporary;
    this.#temporary += wholeLines(bytes);
    this.temporaryBytes = Math.max(this.temporaryBytes, this.#temporary);
    return { scratch: true, bytes, shared: true, offset };
  }

  constant(data: TypedArray): number {
    const address = this.constants.allocate(data.byteLength);
    this.resources.engine.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
    return address;
  }

  packed(key: string, bytes: number, fill: (address: number) => void): number {
    const { packed, packedPool } = this.resources;
    let address = packed.get(key);
    if (address === undefined) {
      address = packedPool.allocate(bytes);
      fill(address);
      packed.set(key, address);
    }
    return address;
  }

  read(value: Value): TypedArray {
    if (!value.constant) throw invalid(this.node, `tensor '${value.name}' must be constant`);
    return readElements(this.resources.engine, value, value.constant.address, value.constant.bytes);
  }

  bytes(address: number, length: number): Uint8Array {
    return this.resources.engine.bytes.subarray(address, address + length);
  }

  /** Bytes that `resolve` needs for so many threads: what they share, then the scratch memory of each. */
  workBytes(threads: number): number {
    return this.temporaryBytes + this.scratchBytes * threads;
  }

  /** Steps with addresses put in; copies onto themselves vanish. */
  resolve(addressOf: (value: Value) => number, work: number): Instruction[] {
    const instructions: Instruction[] = [];
    for (const { kernel, args, units, node, isCopy } of this.steps) {
      const scratch: number[] = [];
      const settled = args.map((arg, i) => {
        if (typeof arg === 'number') return arg;
        const [target, offset] = isRef(arg) ? [arg.value, arg.offset] : [arg, 0];
        if (!isScratch(target)) return offset + addressOf(target);
        const address = work + offset + target.offset;
        if (target.shared) return address;
        scratch.push(i);
        return address + this.temporaryBytes;
      });
      if (isCopy && settled[0] === settled[1]) continue;
      const run = this.kernels[kernel] as Instruction['run'];
      const all = [...settled, 0, units];
      instructions.push({
        kernel,
        run,
        args: all,
        call: run.bind(undefined, ...all),
        scratch,
        units,
        node,
      });
    }
    return instructions;
  }
}

/** A copy of a value's bytes as typed elements. */
export function readElements(engine: Engine, { dtype }: Value, address: number, bytes: number): TypedArray {
  const copy = engine.bytes.slice(address, address + bytes);
  return typedView(dtype, copy.buffer, 0, bytes - (bytes % typedArrayOf(dtype).BYTES_PER_ELEMENT));
}

/** Throws what a kernel's status says. */
export function checkStatus({ node, kernel }: Instruction, status: number | undefined): void {
  if (status) {
    const reason = status === 1 ? 'an index is out of range' : `kernel ${String(kernel)} failed with status ${status}`;
    throw invalid(node, reason);
  }
}

/** Runs one kernel call over its whole range. */
export function runInstruction(instruction: Instruction): void {
  const status = instruction.call();
  if (status) checkStatus(instruction, status);
}

/** No threads but the caller's. */
export const alone = (reason: string): Team => ({
  count: 1,
  reason,
  run: runPlan,
  runAsync: async (plan) => runPlan(plan),
  close() {},
});

/** Runs a plan on this thread alone. */
export function runPlan(plan: Plan, observe?: InstructionObserver): void {
  const { instructions } = plan;
  for (let i = 0; i < instructions.length; i++) {
    const started = observe && performance.now();
    runInstruction(instructions[i]!);
    observe?.(plan, i, performance.now() - started!);
  }
}

/**
 * Compiles nodes from `start.node` on, up to the end of the graph or to the first node whose output shapes depend on
 * values that must be computed first.
 * @throws UnsupportedOperatorError listing everything that is missing
 */
export function compileSegment(start: SegmentStart, resources: ModelResources, options: CompileOptions): Plan {
  const graph = cloneGraph(start.graph);
  const twin = new Map(start.graph.values.map((value, i) => [value, graph.values[i]!]));
  const { engine, operators } = resources;
  const knownValues = new Map([...start.known].map(([value, numbers]) => [twin.get(value)!, numbers]));
  const twins = (addresses?: ReadonlyMap<Value, number>) =>
    new Map([...(addresses ?? [])].map(([value, address]) => [twin.get(value)!, address]));
  const liveIn = twins(start.addresses);
  const pins = resources.pins?.(graph, twins(start.pins), resources, options);
  const constants = engine.map.pool('constants');
  const folded = new Map<Value, Region>();
  const working: Region[] = [];

  const release = () => {
    constants.release();
    for (const region of [...folded.values(), ...working.splice(0)]) engine.map.release(region);
    folded.clear();
  };

  const known: Inference = {
    values(value) {
      const { constant } = value;
      if (constant) return Array.from(readElements(engine, value, constant.address, constant.bytes), Number);
      const numbers = knownValues.get(value);
      if (!numbers) throw new NeedsValue(value);
      return [...numbers];
    },
    suspend() {
      throw new NeedsValue(null);
    },
    pins,
    resources,
    options,
  };

  const placed = (value: Value) => liveIn.get(value) ?? pins?.addresses.get(value);
  const newBuilder = (pool: Pool) => new Builder(resources, options, known, pool, placed);

  /** Makes a node's outputs constants, which are computed when somebody asks for the address of one. */
  const fold = (node: OpNode, operator: Operator): void => {
    const compute = () => {
      const parameters = engine.map.pool('constants');
      const builder = newBuilder(parameters);
      try {
        builder.lower(node, operator);
        const work = parameters.allocate(builder.workBytes(1));
        for (const value of node.outputs) {
          if (!folded.has(value)) folded.set(value, engine.map.allocate(bytesOf(value), 'constants'));
        }
        for (const instruction of builder.resolve((value) => value.constant!.address, work))
          runInstruction(instruction);
      } finally {
        parameters.release();
      }
    };
    const shapes = node.inputs.map((value) => value?.shape.join('x')).join(',');
    for (const [i, value] of node.outputs.entries()) {
      value.constant = {
        id: `fold:${node.index}:${i}:${shapes}`,
        bytes: bytesOf(value),
        get address() {
          if (!folded.has(value)) compute();
          return folded.get(value)!.address;
        },
      };
    }
  };

  try {
    // 1. Infer shapes, folding what is known at compile time.
    const missing: UnsupportedOperator[] = [];
    const outputs = new Set(graph.outputs);
    let end = start.node;
    let pending: Plan['pending'] = null;
    let nodes: OpNode[] = [];
    for (; end < graph.nodes.length; end++) {
      const node = graph.nodes[end]!;
      const operator = operators.get(node.op);
      if (!operator) {
        missing.push({ op: node.op, index: node.index, reason: resources.missing?.(node) ?? 'not in the registry' });
        continue;
      }
      try {
        if (!operator.takesSparse && node.inputs.some((value) => value?.sparsity))
          throw unsupported(node, 'sparse inputs');
        const shapes = operator.infer(node, known);
        if (node.outputs.length < shapes.length) {
          throw invalid(node, `expected ${shapes.length} outputs, found ${node.outputs.length}`);
        }
        for (const [i, value] of node.outputs.entries()) {
          const room = liveIn.has(value) ? bytesOf(value) : null;
          if (shapes[i]) value.shape = shapes[i];
          const bytes = bytesOf(value);
          if (!(bytes <= 2 ** 32)) {
            throw new MemoryLimitError(`tensor '${value.name}' of shape [${value.shape}] would take ${bytes} bytes`);
          }
          if (room !== null && bytes !== room) {
            throw badShape(node, `[${value.shape}] does not fit variable '${value.name}' of ${room} bytes`);
          }
        }
        if (missing.length) continue;
        const inputs = node.inputs.filter((value) => value !== null);
        const constant = operator.shapeOnly || (inputs.length > 0 && inputs.every((value) => value.constant));
        const kept = node.outputs.some((value) => outputs.has(value) || value.isVariable);
        if (constant && !kept && !operator.stateful) fold(node, operator);
        else nodes.push(node);
      } catch (error) {
        if (error instanceof NeedsValue) {
          if (missing.length) break;
          pending = { value: error.value, node: end };
          break;
        }
        if (error instanceof UnsupportedOperatorError) missing.push(...error.operators);
        // Behind an operator that is missing, shapes are what the file says: no ground for other complaints.
        else if (!missing.length) throw located(error, node);
      }
    }
    if (missing.length) throw new UnsupportedOperatorError(missing);

    // 2. Rewrite.
    const kept = new Set(graph.outputs);
    for (const node of graph.nodes.slice(end)) for (const value of node.inputs) if (value) kept.add(value);
    if (pending?.value) kept.add(pending.value);
    if (!options.preserveAllTensors) {
      nodes = rewrite(nodes, { operators, known, kept });
    }

    // 3. Lower. Folded constants that only packing read are not needed any longer; they can be had again.
    const builder = newBuilder(constants);
    const used = new Set<ConstantData>();
    let steps = 0;
    for (const node of nodes) {
      try {
        builder.lower(node, operators.get(node.op)!);
      } catch (error) {
        throw located(error, node);
      }
      for (; steps < builder.steps.length; steps++) {
        for (const arg of builder.steps[steps]!.args) {
          const target = typeof arg !== 'number' && (isRef(arg) ? arg.value : arg);
          if (target && !isScratch(target) && target.constant) used.add(target.constant);
        }
      }
      for (const [value, region] of folded) {
        if (used.has(value.constant!)) continue;
        engine.map.release(region);
        folded.delete(value);
      }
    }

    // 4. Place.
    const lifetimes = new Map<Value, Lifetime>();
    const forever = Infinity;
    const touch = (value: Value, at: number) => {
      if (value.constant || liveIn.has(value)) return;
      const life = lifetimes.get(value);
      if (!life) lifetimes.set(value, { first: at, last: at });
      else life.last = Math.max(life.last, at);
    };
    for (const value of graph.inputs) {
      if (!liveIn.has(value)) lifetimes.set(value, { first: -1, last: forever });
    }
    for (const [at, node] of nodes.entries()) {
      for (const value of node.inputs) if (value) touch(value, at);
      for (const value of node.outputs) touch(value, at);
    }
    for (const value of kept) {
      const life = lifetimes.get(value);
      if (life) life.last = forever;
    }
    pins?.extend(lifetimes, nodes, !!pending);
    if (options.preserveAllTensors)
      for (const life of lifetimes.values()) Object.assign(life, { first: -1, last: forever });

    const all = [lifetimes, new Set(graph.inputs), new Set(graph.outputs)] as const;
    const pinned = pins?.storage(...all);
    const storage = pinned ?? new StoragePlan(...all);
    if (!options.preserveAllTensors) {
      for (const node of nodes) storage.alias(node, operators.get(node.op)!, known);
      for (const node of nodes) storage.inPlace(node, operators.get(node.op)!);
    }
    const addresses = new Map([...liveIn, ...(pins?.addresses ?? [])]);
    pinned?.settle(addresses);
    const shared = [...new Set(storage.blocks.values())];
    const blocks: Block[] = [];
    const origins: number[] = [];
    for (const { members } of shared) {
      let from = Infinity;
      let to = 0;
      let first = forever;
      let last = -1;
      for (const [value, offset] of members) {
        from = Math.min(from, offset);
        to = Math.max(to, offset + bytesOf(value));
        const life = lifetimes.get(value)!;
        first = Math.min(first, life.first);
        last = Math.max(last, life.last);
      }
      origins.push(from);
      blocks.push({ size: to - from, first, last: Math.min(last, nodes.length) });
    }
    const placement = place(blocks);
    const allocate = (bytes: number, owner: RegionOwner) => {
      const region = engine.map.allocate(bytes, owner);
      working.push(region);
      return region.address;
    };
    const arena = allocate(placement.size, 'arena');
    const workBytes = builder.workBytes(options.team?.count ?? 1);
    const work = allocate(workBytes, 'scratch');
    for (const [i, { members }] of shared.entries()) {
      for (const [value, offset] of members) {
        addresses.set(value, arena + placement.offsets[i]! + offset - origins[i]!);
      }
    }
    const addressOf = (value: Value): number => {
      const address = value.constant?.address ?? addresses.get(value);
      if (address === undefined) {
        throw new InvalidOperatorError(`nothing computes tensor '${value.name}'`);
      }
      return address;
    };
    const instructions = builder.resolve(addressOf, work);

    for (const value of graph.outputs) if (value.constant) addresses.set(value, value.constant.address);

    return {
      instructions,
      graph,
      nodes,
      addresses,
      memory: { arena: placement.size, lowerBound: placement.lowerBound, scratch: workBytes },
      scratchStride: builder.scratchBytes,
      operators,
      constants,
      known: knownValues,
      pending,
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** A raw failure of a lowering (a bad constant, an out-of-range option) as one of our errors. */
function located(error: unknown, node: OpNode): unknown {
  if (error instanceof LaneliteError || error instanceof NeedsValue) return error;
  return invalid(node, (error as Error).message);
}
