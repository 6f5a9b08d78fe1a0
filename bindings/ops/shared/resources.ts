// State that an interpreter keeps outside its graphs, by name. A tensor of type resource holds the number of one, as int32.
import { byteLength, type DType, elementCount } from '../../dtype.js';
import { readElements } from '../../graph/compile.js';
import {
  checkShape,
  count,
  input,
  invalid,
  type OpNode,
  output,
  type Session,
  type Shape,
  type Value,
} from '../../graph/ir.js';
import type { Region } from '../../memory/map.js';
import type { Engine } from '../../runtime/engine.js';
import type { Activity, CallSite, Inference, Operator } from '../operator.js';

/** A variable that was assigned. */
export interface Variable {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly region: Region;
}

type Key = string | number | bigint;

export interface HashTable {
  readonly keys: DType;
  readonly values: DType;
  /** Strings as they are, for their numbers change. */
  readonly entries: ReadonlyMap<Key, Key>;
}

class Resources {
  readonly #ids = new Map<string, number>();
  readonly variables = new Map<number, Variable>();
  /** Hash tables that were filled. */
  readonly tables = new Map<number, HashTable>();
  /** Those that are the state of an operator. */
  readonly states = new Set<number>();

  constructor(readonly session: Session) {
    session.kept = () => this.variables.values();
  }

  id(name: string): number {
    const id = this.#ids.get(name) ?? this.#ids.size;
    this.#ids.set(name, id);
    return id;
  }

  /** Makes room for a variable; what it held is gone. Plans that know it by another shape are out of date. */
  declare(id: number, dtype: DType, shape: Shape, engine: Engine): Variable {
    const { map } = engine;
    const { session, variables } = this;
    const before = variables.get(id);
    if (!variables.size) {
      session.owners.push({
        reset: () => this.#reset(engine),
        release() {
          for (const { region } of variables.values()) map.release(region);
        },
      });
    }
    variables.delete(id);
    if (before) map.release(before.region);
    const variable = { dtype, shape, region: map.allocate(byteLength(dtype, elementCount(shape)), 'variables') };
    variables.set(id, variable);
    session.layout++;
    return variable;
  }

  /** State of operators goes back to zero. What a graph assigns stays, as in TFLite. */
  #reset({ bytes }: Engine): void {
    for (const id of this.states) {
      const { address, size } = this.variables.get(id)!.region;
      bytes.fill(0, address, address + size);
    }
  }
}

const bySession = new WeakMap<Session, Resources>();

export function resourcesOf(session: Session): Resources {
  let resources = bySession.get(session);
  if (!resources) {
    resources = new Resources(session);
    bySession.set(session, resources);
  }
  return resources;
}

/** What an operator keeps from run to run, zeros at first. */
export function stateOf(known: Inference, name: string, dtype: DType, shape: Shape): Variable {
  const resources = resourcesOf(known.options.session);
  const id = resources.id(`state:${name}`);
  const state = resources.variables.get(id);
  if (state && `${state.shape}` === `${shape}`) return state;
  resources.states.add(id);
  return resources.declare(id, dtype, shape, known.resources.engine);
}

/** An operator that names a resource. */
export function handle(name: string, keyOf: (node: OpNode) => string): Operator {
  return {
    name,
    shapeOnly: true,
    infer(node) {
      const { dtype, shape } = output(node);
      if (dtype !== 'resource') throw invalid(node, `the output is ${dtype}, not resource`);
      return [elementCount(shape) === 1 ? shape : []];
    },
    lower(node, plan) {
      const id = resourcesOf(plan.session).id(`${name}:${keyOf(node)}`);
      plan.call('x8_copy', [plan.constant(Int32Array.of(id)), output(node)], 4);
    },
  };
}

/** Input 0, one resource. */
export function resourceInput(node: OpNode): Value {
  const value = input(node, 0);
  if (value.dtype !== 'resource') throw invalid(node, `input 0 is ${value.dtype}, not resource`);
  checkShape(node, count(value) === 1, () => `input 0 must be one resource, not [${value.shape}]`);
  return value;
}

/** The resource in input 0. */
export function resource(node: OpNode, known: Inference): { id: number; resources: Resources } {
  const value = resourceInput(node);
  return { id: known.values(value)[0]!, resources: resourcesOf(known.options.session) };
}

/** The same once the plans before a suspended node have run. */
export function resourceAt({ node, plan, resources }: CallSite): number {
  const value = input(node, 0);
  const address = value.constant?.address ?? plan.addresses.get(value)!;
  return Number(readElements(resources.engine, value, address, 4)[0]);
}

/** Something short to do between segments, after which the node is inferred once more. */
export function between(act: () => void): Activity {
  const none = () => null;
  return {
    begin() {
      act();
      return null;
    },
    ...{ next: none, settle: () => false, results: null, plans: [], release() {} },
  };
}
