import { ShapeError, StateError } from '../errors.js';
import { COMPILER } from '../features.js';
import {
  alone,
  type CompileOptions,
  compileSegment,
  type InstructionObserver,
  type ModelResources,
  type Plan,
} from '../graph/compile.js';
import type { Graph } from '../graph/graph.js';
import type { Session, Shape, Value } from '../graph/ir.js';
import type { Team } from '../threads/host.js';
import type { Variables } from './variables.js';

/** Input shapes whose plans are kept: enough to alternate, too few to fill memory. */
const KEPT_SHAPES = 2;

/** One subgraph with the shapes of its inputs settled: compiled as far as can be told without a run. */
export interface Walk {
  /** The last plan known: where the outputs are. */
  readonly last: Plan;
  /** Plans of the last run (before it: what is known by then), in order. */
  readonly plans: readonly Plan[];
  /** The plan that a run begins with. */
  begin(): Plan;
  /** The plan after one that has just run, compiled for what it computed; null at the end. */
  next(): Plan | null;
  release(): void;
}

/** All in one plan. */
function wholeWalk(...[start, resources, options]: Parameters<NonNullable<ModelResources['walk']>>): Walk {
  const plan = compileSegment(start, resources, options);
  return { last: plan, plans: [plan], begin: () => plan, next: () => null, release: () => plan.release() };
}

/** Gets the entry of `key`, or makes it and lets the oldest go once more than `limit` are kept. */
export function cached<T>(
  map: Map<string, T>,
  key: string,
  limit: number,
  make: () => T,
  release: (old: T) => void,
): T {
  let entry = map.get(key);
  if (entry) {
    map.delete(key);
  } else {
    for (const [oldest, old] of map) {
      if (map.size < limit) break;
      release(old);
      map.delete(oldest);
    }
    entry = make();
  }
  map.set(key, entry);
  return entry;
}

/** Runs one subgraph: compiles it for its input shapes, segment by segment, and keeps the plans. */
export class SubgraphRunner {
  readonly #walks = new Map<string, Walk>();
  #walk: Walk | null = null;
  #variables: Variables | undefined;
  #running = false;
  readonly #team: Team;
  /** Where the variables among the graph's values are. */
  readonly addresses: ReadonlyMap<Value, number>;

  readonly options: CompileOptions;

  /** @param session what it shares with other subgraphs; without one, it is the only one */
  constructor(
    readonly graph: Graph,
    readonly resources: ModelResources,
    options: Omit<CompileOptions, 'session'>,
    session: Session = { layout: 0, owners: [], subgraph: () => this, runners: () => [this] },
  ) {
    this.options = { ...options, session };
    this.#team = options.team ?? alone('');
    this.#variables = resources.variables?.(graph, resources.engine);
    this.addresses = this.#variables?.addresses ?? new Map();
  }

  get inputShapes(): readonly Shape[] {
    return this.graph.inputs.map((value) => value.shape);
  }

  /** Sets the shape of an input; takes effect with `prepare`. */
  resize(input: number, shape: Shape): void {
    this.graph.inputs[input]!.shape = [...shape];
    this.#walk = null;
  }

  /** Compiles for the current input shapes, up to what only a run can tell. */
  prepare(): void {
    this.#checkIdle();
    const { graph, addresses, resources, options } = this;
    const key = this.inputShapes.map((shape) => shape.join('x')).join(',');
    const walk = COMPILER ? (resources.walk ?? wholeWalk) : resources.walk!;
    const make = () => walk({ graph, node: 0, known: new Map(), addresses }, resources, options);
    this.#walk = cached(this.#walks, key, KEPT_SHAPES, make, (old) => old.release());
  }

  get prepared(): boolean {
    return !!this.#walk;
  }

  /** Where the tensors are. */
  get plan(): Plan | null {
    return this.#walk?.last ?? null;
  }

  /** Plans of the last run (before it: what is known by then), in order. */
  get plans(): readonly Plan[] {
    return this.#walk?.plans ?? [];
  }

  run(observe?: InstructionObserver): void {
    const walk = this.#ready();
    for (let plan: Plan | null = walk.begin(); plan; plan = walk.next()) this.#team.run(plan, observe);
  }

  async runAsync(): Promise<void> {
    const walk = this.#ready();
    this.#running = true;
    try {
      for (let plan: Plan | null = walk.begin(); plan; plan = walk.next()) await this.#team.runAsync(plan);
    } finally {
      this.#running = false;
    }
  }

  #ready(): Walk {
    this.#checkIdle();
    if (!this.prepared) this.prepare();
    return this.#walk!;
  }

  #checkIdle(): void {
    if (this.#running) throw new StateError('invokeAsync() is not done yet');
  }

  /** The value with tensor index `id` as the last plan sees it, with its address; null before it is known. */
  locate(id: number): { value: Value; address: number | null } {
    const { plan } = this;
    const value = (plan?.graph ?? this.graph).values[id]!;
    return { value, address: value.constant?.address ?? plan?.addresses.get(value) ?? null };
  }

  resetVariables(): void {
    this.#variables?.reset();
  }

  release(): void {
    for (const walk of this.#walks.values()) walk.release();
    this.#walks.clear();
    this.#walk = null;
    this.#variables?.release();
    this.#variables = undefined;
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
