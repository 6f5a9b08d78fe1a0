import { byteLength, elementCount } from '../dtype.js';
import { ShapeError, StateError } from '../errors.js';
import {
  alone,
  type CompileOptions,
  compileSegment,
  type InstructionObserver,
  type ModelResources,
  type Plan,
  readElements,
} from '../graph/compile.js';
import type { Graph } from '../graph/graph.js';
import { bytesOf, type Shape, type Value } from '../graph/ir.js';
import type { Region } from '../memory/map.js';
import type { Team } from '../threads/host.js';

/** A segment's plan and the plans that followed it, by the values that decided them. */
interface Segment {
  readonly plan: Plan;
  readonly next: Map<string, Segment>;
}

/** Plans kept for other input shapes, and for other run-time values: enough to alternate, too few to fill memory. */
const KEPT_SHAPES = 2;
const KEPT_CONTINUATIONS = 4;

function releaseAll(segment: Segment): void {
  for (const next of segment.next.values()) releaseAll(next);
  segment.plan.release();
}

/** Gets the entry of `key`, or makes it and lets the oldest go once more than `limit` are kept. */
function cached(map: Map<string, Segment>, key: string, limit: number, make: () => Segment): Segment {
  let segment = map.get(key);
  if (segment) {
    map.delete(key);
  } else {
    for (const [oldest, old] of map) {
      if (map.size < limit) break;
      releaseAll(old);
      map.delete(oldest);
    }
    segment = make();
  }
  map.set(key, segment);
  return segment;
}

/** Runs one subgraph: compiles it for its input shapes, segment by segment, and keeps the plans. */
export class SubgraphRunner {
  readonly #roots = new Map<string, Segment>();
  #segments: Segment[] = [];
  #variables: Region | null = null;
  #running = false;
  readonly #team: Team;
  readonly #variableAddresses = new Map<Value, number>();

  constructor(
    readonly graph: Graph,
    readonly resources: ModelResources,
    readonly options: CompileOptions,
  ) {
    this.#team = options.team ?? alone('');
    this.#allocateVariables();
  }

  get inputShapes(): readonly Shape[] {
    return this.graph.inputs.map((value) => value.shape);
  }

  /** Sets the shape of an input; takes effect with `prepare`. */
  resize(input: number, shape: Shape): void {
    this.graph.inputs[input]!.shape = [...shape];
    this.#segments = [];
  }

  /** Compiles for the current input shapes, up to what only a run can tell. */
  prepare(): void {
    this.#checkIdle();
    const key = this.inputShapes.map((shape) => shape.join('x')).join(',');
    const root = cached(this.#roots, key, KEPT_SHAPES, () => ({
      plan: compileSegment(
        { graph: this.graph, node: 0, known: new Map(), addresses: this.#variableAddresses },
        this.resources,
        this.options,
      ),
      next: new Map(),
    }));
    this.#segments = [root];
  }

  get prepared(): boolean {
    return this.#segments.length > 0;
  }

  /** The last of these: where the tensors are. */
  get plan(): Plan | null {
    return this.#segments.at(-1)?.plan ?? null;
  }

  /** Plans of the last run (before it: what is known by then), in order. */
  get plans(): readonly Plan[] {
    return this.#segments.map((segment) => segment.plan);
  }

  run(observe?: InstructionObserver): void {
    for (let plan: Plan | null = this.#first(); plan; plan = this.#next(plan)) this.#team.run(plan, observe);
  }

  async runAsync(): Promise<void> {
    let plan: Plan | null = this.#first();
    this.#running = true;
    try {
      for (; plan; plan = this.#next(plan)) await this.#team.runAsync(plan);
    } finally {
      this.#running = false;
    }
  }

  /** The plan that a run begins with. */
  #first(): Plan {
    this.#checkIdle();
    if (!this.prepared) this.prepare();
    if (this.#segments.length > 1) this.#segments = [this.#segments[0]!];
    return this.#segments[0]!.plan;
  }

  /** The plan after one that has just run, compiled for what it computed. */
  #next({ pending }: Plan): Plan | null {
    if (!pending) return null;
    const segment = this.#continue(this.#segments.at(-1)!, pending);
    this.#segments.push(segment);
    return segment.plan;
  }

  #checkIdle(): void {
    if (this.#running) throw new StateError('invokeAsync() is not done yet');
  }

  /** The segment after one that ended at a value which is now in memory. */
  #continue({ plan, next }: Segment, pending: NonNullable<Plan['pending']>): Segment {
    const { value } = pending;
    const elements = readElements(this.resources.engine, value, plan.addresses.get(value)!, bytesOf(value));
    const numbers = Array.from(elements, Number);
    return cached(next, numbers.join(), KEPT_CONTINUATIONS, () => {
      const known = new Map(plan.known).set(value, numbers);
      const start = { graph: plan.graph, node: pending.node, known, addresses: plan.addresses };
      return { plan: compileSegment(start, this.resources, this.options), next: new Map() };
    });
  }

  /** The value with tensor index `id` as the last plan sees it, with its address; null before it is known. */
  locate(id: number): { value: Value; address: number | null } {
    const { plan } = this;
    const value = (plan?.graph ?? this.graph).values[id]!;
    return { value, address: value.constant?.address ?? plan?.addresses.get(value) ?? null };
  }

  /** Puts all variables back to zero; for int8 that is the zero point, as in TFLite. */
  resetVariables(): void {
    const { bytes } = this.resources.engine;
    for (const [value, address] of this.#variableAddresses) {
      const zero = value.dtype === 'int8' ? (value.quantization?.zeroPoint[0] ?? 0) : 0;
      bytes.fill(zero, address, address + byteLength(value.dtype, elementCount(value.shape)));
    }
  }

  #allocateVariables(): void {
    // Inputs may be resized, and live as long as variables do anyway.
    const variables = this.graph.values.filter((value) => value.isVariable && !this.graph.inputs.includes(value));
    const offsets: number[] = [];
    let size = 0;
    for (const value of variables) {
      offsets.push(size);
      size += Math.ceil(byteLength(value.dtype, elementCount(value.shape)) / 16) * 16;
    }
    if (!variables.length) return;
    this.#variables = this.resources.engine.map.allocate(size, 'variables');
    for (const [i, value] of variables.entries()) {
      this.#variableAddresses.set(value, this.#variables.address + offsets[i]!);
    }
    this.resetVariables();
  }

  release(): void {
    for (const root of this.#roots.values()) releaseAll(root);
    this.#roots.clear();
    this.#segments = [];
    if (this.#variables) this.resources.engine.map.release(this.#variables);
    this.#variables = null;
  }
}

/** Whether an input may take this shape. */
export function checkInputShape(value: Value, shape: Shape, strict: boolean): void {
  const legal = shape.every((d) => Number.isInteger(d) && d >= 0 && d < 2 ** 31);
  if (!legal) throw new ShapeError(`input '${value.name}': [${shape}] is not a shape`);
  const signature = value.shapeSignature;
  if (
    strict &&
    signature &&
    (signature.length !== shape.length || signature.some((d, i) => d >= 0 && d !== shape[i]))
  ) {
    throw new ShapeError(`input '${value.name}': [${shape}] does not fit the model's [${signature}]`);
  }
}
