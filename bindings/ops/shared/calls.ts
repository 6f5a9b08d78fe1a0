// Calls of subgraphs. A call ends the segment that it is in; here is what runs then: plans of the called subgraphs, compiled
// for the places where the caller has their inputs and wants their outputs.
import { byteLength, type DType, elementCount } from '../../dtype.js';
import { type UnsupportedOperator, UnsupportedOperatorError } from '../../errors.js';
import { type ModelResources, type Plan, readElements, runPlan } from '../../graph/compile.js';
import { cloneGraph } from '../../graph/graph.js';
import { bytesOf, checkShape, count, input, invalid, type OpNode, type Shape, type Value } from '../../graph/ir.js';
import type { Region } from '../../memory/map.js';
import type { OperatorOptions } from '../../model/model.js';
import { calledBy } from '../../model/rare.js';
import { cached, type Walk } from '../../runtime/runner.js';
import { SegmentedWalk } from '../../runtime/walk.js';
import type { Activity, CallSite, Inference, Operator } from '../operator.js';

/** A tensor that has its place. */
export interface Located {
  readonly shape: Shape;
  readonly address: number;
}

/** What an input of a called subgraph is. */
interface Binding extends Pick<Value, 'shape' | 'constant'> {
  readonly address: number;
  /** May be overwritten once it is read. */
  readonly pinned?: boolean;
}

/** Addresses for outputs of these shapes; null leaves them where they are. */
type PlaceOutputs = (shapes: readonly Shape[]) => readonly number[] | null;

/** Plans kept of a call for changing shapes: enough to alternate, too few to fill memory. */
const KEPT = 8;

/** Ends each called subgraph: brings outputs to where the caller wants them. Not an operator of models. */
const deliver: Operator = {
  name: 'deliver',
  stateful: true,
  infer(node, known) {
    const shapes = node.inputs.map((value) => value!.shape);
    const addresses = (node.options.place as PlaceOutputs)(shapes);
    if (addresses) for (const [i, value] of node.outputs.entries()) known.pins!.pin(value, addresses[i]!);
    return shapes;
  },
  aliases: ({ inputs, outputs }) => outputs.map((outer, i) => ({ inner: inputs[i]!, outer, offset: 0 })),
  lower({ inputs, outputs }, plan) {
    const slots = outputs.map((value) => plan.placed(value));
    // What lies where another output goes must get out of the way first.
    const sources = inputs.map((value, i) => {
      const from = plan.placed(value!);
      const inTheWay =
        from !== undefined && slots.some((slot, j) => j !== i && overlap(from, value!, slot, outputs[j]!));
      if (!inTheWay) return { value: value!, offset: 0 };
      const aside = plan.temporary(bytesOf(value!));
      const source = { value: aside, offset: 0 };
      plan.copy(source, value!, bytesOf(value!));
      return source;
    });
    for (const [i, to] of outputs.entries()) plan.copy(to, sources[i]!, bytesOf(to));
  },
};

function overlap(from: number, value: Value, slot: number | undefined, output: Value): boolean {
  return slot !== undefined && from < slot + bytesOf(output) && slot < from + bytesOf(value);
}

const withDeliver = new WeakMap<ModelResources, ModelResources>();

function resourcesOf(resources: ModelResources): ModelResources {
  let more = withDeliver.get(resources);
  if (!more) {
    more = { ...resources, operators: new Map([...resources.operators, [deliver.name, deliver]]) };
    withDeliver.set(resources, more);
    withDeliver.set(more, more);
  }
  return more;
}

/**
 * A subgraph as a call has it: with its inputs in given places.
 * @param carried the outputs to deliver; all others are the caller's business
 */
function enter(
  { node, resources, options }: Pick<CallSite, 'node' | 'resources' | 'options'>,
  subgraph: number,
  bindings: readonly Binding[],
  deliveries?: { readonly carried: readonly number[]; readonly place: PlaceOutputs },
): Walk {
  const { graph: original, addresses: variables } = options.session.subgraph(subgraph);
  const graph = cloneGraph(original);
  const addresses = new Map([...variables].map(([{ id }, address]) => [graph.values[id]!, address]));
  const pins = new Map<Value, number>();
  for (const [i, { shape, constant, address, pinned }] of bindings.entries()) {
    const value = graph.inputs[i]!;
    value.shape = shape;
    if (constant) value.constant = constant;
    else (pinned ? pins : addresses).set(value, address);
  }
  // They have their places, and may change there.
  graph.inputs.length = 0;
  if (deliveries) {
    const { carried, place } = deliveries;
    const inputs = carried.map((i) => graph.outputs[i]!);
    const outputs = inputs.map((value, i) => ({
      ...value,
      constant: null,
      isVariable: false,
      id: graph.values.length + i,
    }));
    graph.values.push(...outputs);
    graph.outputs.splice(0, graph.outputs.length, ...outputs);
    const none = { custom: false, version: 1, customOptions: null, intermediates: [] };
    graph.nodes.push({ ...none, op: deliver.name, index: node.index, options: { place }, inputs, outputs });
  }
  return new SegmentedWalk({ graph, node: 0, known: new Map(), addresses, pins }, resourcesOf(resources), options);
}

/** Where the outputs of a subgraph are, once its plans have run. */
function outputsOf({ last: { graph, addresses } }: Walk): Located[] {
  return graph.outputs.map((value) => ({
    shape: value.shape,
    address: value.constant?.address ?? addresses.get(value)!,
  }));
}

const isSettled = ({ last }: Walk) => !last.pending;

/** What the caller has for the inputs of a call, from node input `first` on. */
function argumentsOf({ node, plan }: CallSite, first: number): Binding[] {
  return node.inputs.slice(first).map((value) => {
    const { shape, constant } = value!;
    return { shape, constant, address: constant?.address ?? plan.addresses.get(value!)! };
  });
}

const keyOf = (shapes: readonly Shape[]) => shapes.map((s) => s.join('x')).join();

const sizesOf = (shapes: readonly Shape[], types: readonly DType[]) =>
  shapes.map((shape, i) => Math.ceil(byteLength(types[i]!, elementCount(shape)) / 64) * 64);

/** A region for tensors one after the other. */
function areaFor(resources: ModelResources, shapes: readonly Shape[], types: readonly DType[]) {
  const sizes = sizesOf(shapes, types);
  const region = resources.engine.map.allocate(
    sizes.reduce((sum, size) => sum + size, 0),
    'arena',
  );
  let at = region.address;
  const addresses = sizes.map((size) => {
    at += size;
    return at - size;
  });
  return { region, addresses };
}

interface Area {
  readonly region: Region;
  readonly addresses: readonly number[];
}

/** Checks arity and types of a call, and that all that is called is there. */
export function checkCall(
  node: OpNode,
  known: Inference,
  subgraph: number,
  inputs: readonly (Value | null)[],
  outputs: readonly Value[],
): void {
  const { graph } = known.options.session.subgraph(subgraph);
  const fits = (what: string, own: readonly (Value | null)[], theirs: readonly Value[]) => {
    if (own.length !== theirs.length) {
      throw invalid(node, `${own.length} ${what}s for the ${theirs.length} of subgraph ${subgraph}`);
    }
    for (const [i, value] of own.entries()) {
      const type = theirs[i]!.dtype;
      if (value?.dtype !== type)
        throw invalid(node, `${what} ${i} of subgraph ${subgraph} is ${type}, not ${value?.dtype}`);
    }
  };
  fits('input', inputs, graph.inputs);
  fits('output', outputs, graph.outputs);
  const missing = missingIn(subgraph, known);
  if (missing.length) throw new UnsupportedOperatorError(missing);
}

/** Operators that a subgraph, or one that it calls, has and the registry has not. */
function missingIn(subgraph: number, known: Inference): UnsupportedOperator[] {
  const { resources, options } = known;
  return options.session.subgraph(subgraph).graph.nodes.flatMap((node) => [
    ...(resources.operators.has(node.op)
      ? []
      : [
          {
            op: node.op,
            index: node.index,
            reason: `${resources.missing?.(node) ?? 'not in the registry'} (subgraph ${subgraph})`,
          },
        ]),
    ...calledBy(node.options).flatMap((callee) => missingIn(callee, known)),
  ]);
}

/** Runs a subgraph without inputs and outputs, here and now. */
export function runOnce(node: OpNode, { resources, options }: Inference, subgraph: number): void {
  const walk = enter({ node, resources, options }, subgraph, []);
  try {
    for (let plan: Plan | null = walk.begin(); plan; plan = walk.next()) runPlan(plan);
  } finally {
    walk.release();
  }
}

/** One of several subgraphs, chosen when it comes to it. */
export class Branch implements Activity {
  readonly #walks = new Map<string, Walk>();
  readonly #areas = new Map<string, Area>();
  readonly #arguments: readonly Binding[];
  readonly #types: readonly DType[];
  #walk: Walk | null = null;
  results: Located[] = [];

  /**
   * @param first node input that is the subgraph's input 0
   * @param choose the subgraph
   * @param only there is no choice, so that it may be compiled ahead
   */
  constructor(
    readonly site: CallSite,
    first: number,
    readonly choose: () => number,
    readonly only: boolean,
  ) {
    this.#arguments = argumentsOf(site, first);
    this.#types = site.node.outputs.map(({ dtype }) => dtype);
  }

  begin(): Plan {
    this.#walk = this.#enter();
    return this.#walk.begin();
  }

  next(): Plan | null {
    const plan = this.#walk!.next();
    if (!plan) this.results = outputsOf(this.#walk!);
    return plan;
  }

  settle(): boolean {
    if (!this.only) return false;
    const walk = this.#enter();
    if (isSettled(walk)) this.results = outputsOf(walk);
    return isSettled(walk);
  }

  get plans(): Plan[] {
    return [...this.#walks.values()].flatMap(({ plans }) => plans);
  }

  release(): void {
    for (const walk of this.#walks.values()) walk.release();
    for (const { region } of this.#areas.values()) this.site.resources.engine.map.release(region);
    this.#walks.clear();
    this.#areas.clear();
  }

  #enter(): Walk {
    const { resources } = this.site;
    // Plans write their outputs to these areas, so they go together.
    if (this.#areas.size > KEPT) this.release();
    const subgraph = this.choose();
    const place: PlaceOutputs = (shapes) => {
      const key = keyOf(shapes);
      let area = this.#areas.get(key);
      if (!area) {
        area = areaFor(resources, shapes, this.#types);
        this.#areas.set(key, area);
      }
      return area.addresses;
    };
    const carried = this.site.node.outputs.map((_, i) => i);
    return cached(
      this.#walks,
      keyOf([[subgraph]]),
      KEPT,
      () => enter(this.site, subgraph, this.#arguments, { carried, place }),
      (old) => old.release(),
    );
  }
}

/** An operator that chooses a subgraph by input 0; the rest are the subgraph's inputs. */
export function branching(
  name: string,
  type: 'bool' | 'int32',
  branches: (options: OperatorOptions) => { subgraphs: readonly number[]; choose(by: number): number },
): Operator {
  return {
    name,
    stateful: true,
    infer(node, known) {
      const by = input(node, 0);
      if (by.dtype !== type) throw invalid(node, `input 0 is ${by.dtype}, not ${type}`);
      checkShape(node, count(by) === 1, () => `input 0 must be one element, not [${by.shape}]`);
      for (const subgraph of branches(node.options).subgraphs) {
        checkCall(node, known, subgraph, node.inputs.slice(1), node.outputs);
      }
      return known.suspend();
    },
    enter(site) {
      const { node, plan, resources } = site;
      const by = input(node, 0);
      const { choose } = branches(node.options);
      const bytes = bytesOf(by);
      const address = by.constant?.address ?? plan.addresses.get(by)!;
      return new Branch(site, 1, () => choose(Number(readElements(resources.engine, by, address, bytes)[0])), false);
    },
    lower() {},
  };
}

/** An operator that runs one subgraph. */
export function calling(name: string, subgraph: (options: OperatorOptions) => number): Operator {
  return {
    name,
    stateful: true,
    infer(node, known) {
      checkCall(node, known, subgraph(node.options), node.inputs, node.outputs);
      return known.suspend();
    },
    enter: (site) => new Branch(site, 0, () => subgraph(site.node.options), true),
    lower() {},
  };
}

/** The variables of a loop in one set of shapes, and condition and body compiled for them. */
interface LoopState extends Area {
  readonly shapes: readonly Shape[];
  readonly condition: Walk;
  readonly body: Walk;
}

/**
 * A body after a condition, until that fails. Variables lie still as long as their shapes do: the body leaves each where it
 * found it. What the body hands on unchanged stays where the caller has it.
 */
export class Loop implements Activity {
  readonly #states = new Map<string, LoopState>();
  readonly #arguments: readonly Binding[];
  /** Positions of the variables that the body computes. */
  readonly #carried: readonly number[];
  readonly #types: readonly DType[];
  #state!: LoopState;
  #testing = true;
  /** The end of a body that left its variables as they were. */
  #steady: Plan | null = null;
  results: Located[] = [];

  constructor(
    readonly site: CallSite,
    readonly condition: number,
    readonly body: number,
  ) {
    this.#arguments = argumentsOf(site, 0);
    const { graph } = site.options.session.subgraph(body);
    this.#carried = graph.outputs.flatMap((value, i) => (value === graph.inputs[i] ? [] : [i]));
    this.#types = this.#carried.map((i) => graph.outputs[i]!.dtype);
  }

  begin(): Plan {
    this.#move(this.#carried.map((i) => this.#arguments[i]!));
    return this.#test();
  }

  next(): Plan | null {
    const { condition, body, shapes } = this.#state;
    if (this.#testing) {
      const plan = condition.next();
      if (plan) return plan;
      const { graph, addresses } = condition.last;
      const answer = graph.outputs[0]!;
      const { bytes } = this.site.resources.engine;
      if (!bytes[answer.constant?.address ?? addresses.get(answer)!]) {
        this.results = this.#results();
        return null;
      }
      this.#testing = false;
      return body.begin();
    }
    const plan = body.next();
    if (plan) return plan;
    const { last } = body;
    if (last !== this.#steady) {
      const outputs = outputsOf(body);
      if (same(outputs, shapes)) this.#steady = last;
      else this.#move(outputs);
    }
    return this.#test();
  }

  settle(): boolean {
    const { body, shapes } = this.#enter(this.#carried.map((i) => this.#arguments[i]!.shape));
    if (!isSettled(body) || !same(outputsOf(body), shapes)) return false;
    this.results = this.#results();
    return true;
  }

  get plans(): Plan[] {
    return [...this.#states.values()].flatMap(({ condition, body }) => [...condition.plans, ...body.plans]);
  }

  release(): void {
    for (const state of this.#states.values()) this.#forget(state);
    this.#states.clear();
  }

  #test(): Plan {
    this.#testing = true;
    return this.#state.condition.begin();
  }

  /** Goes on with variables that are elsewhere, in shapes of their own. */
  #move(from: readonly Located[]): void {
    const { addresses } = this.#enter(from.map(({ shape }) => shape));
    const { bytes } = this.site.resources.engine;
    for (const [i, { shape, address }] of from.entries()) {
      bytes.copyWithin(addresses[i]!, address, address + byteLength(this.#types[i]!, elementCount(shape)));
    }
  }

  #results(): Located[] {
    const results = this.#arguments.map(({ shape, address }): Located => ({ shape, address }));
    const { shapes, addresses } = this.#state;
    for (const [at, i] of this.#carried.entries()) results[i] = { shape: shapes[at]!, address: addresses[at]! };
    return results;
  }

  #enter(shapes: readonly Shape[]): LoopState {
    const { resources } = this.site;
    const make = (): LoopState => {
      const area = areaFor(resources, shapes, this.#types);
      const bind = (pinned: boolean) => {
        const bindings = [...this.#arguments];
        for (const [at, i] of this.#carried.entries()) {
          bindings[i] = { shape: shapes[at]!, constant: null, address: area.addresses[at]!, pinned };
        }
        return bindings;
      };
      const place: PlaceOutputs = (next) => (next.every((s, i) => `${s}` === `${shapes[i]}`) ? area.addresses : null);
      let condition: Walk | null = null;
      try {
        condition = enter(this.site, this.condition, bind(false));
        const body = enter(this.site, this.body, bind(true), { carried: this.#carried, place });
        return { ...area, shapes, condition, body };
      } catch (error) {
        condition?.release();
        resources.engine.map.release(area.region);
        throw error;
      }
    };
    this.#state = cached(this.#states, keyOf(shapes), KEPT, make, (old) => this.#forget(old));
    return this.#state;
  }

  #forget({ region, condition, body }: LoopState): void {
    condition.release();
    body.release();
    this.site.resources.engine.map.release(region);
  }
}

const same = (values: readonly Located[], shapes: readonly Shape[]) =>
  values.every(({ shape }, i) => `${shape}` === `${shapes[i]}`);
