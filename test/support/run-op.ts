import type { Arithmetic } from '../../bindings/graph/compile.js';
import type { Value } from '../../bindings/graph/ir.js';
import type { Operator } from '../../bindings/ops/operator.js';
import type { Engine } from '../../bindings/runtime/engine.js';
import { SubgraphRunner } from '../../bindings/runtime/runner.js';
import { Tensor } from '../../bindings/tensor.js';
import type { Team } from '../../bindings/threads/host.js';
import { isFed } from './changing-shapes.js';
import { GraphBuilder, rawBytes } from './graph-builder.js';
import type { NodeSpec, OpCase, ReferenceResult, TensorSpec } from './spec.js';
import { elementsOf, setElements } from './strings.js';

/** A graph with a single node, or one with its neighbours, compiled as any other. Inputs that the case gives no constant are to be fed. */
export function compileOp(
  op: string,
  c: OpCase,
  engine: Engine,
  operators: ReadonlyMap<string, Operator>,
  arithmetic: Arithmetic,
  team?: Team,
) {
  const builder = new GraphBuilder(engine, operators);
  const computed = new Map<TensorSpec, Value>();
  const tensor = (spec: TensorSpec | null) => spec && (computed.get(spec) ?? builder.tensor(spec));
  const compute = (spec: TensorSpec) => {
    const value = builder.tensor(spec);
    computed.set(spec, value);
    return value;
  };
  const add = ({ op, options, inputs, outputs }: NodeSpec) => {
    const values = outputs.map(compute);
    builder.node(op, inputs.map(tensor), values, { options: options ?? {} });
    return values;
  };
  for (const node of c.before ?? []) add(node);
  const inputs = c.inputs.map(tensor);
  const own = c.outputs.map(compute);
  const { options = {}, customOptions = null, version = 1 } = c;
  const intermediates = c.intermediates?.map((spec) => builder.tensor(spec)) ?? [];
  builder.node(op, inputs, own, { options, customOptions, version, intermediates });
  const outputs = [...own, ...(c.after ?? []).flatMap(add)];
  const fed = inputs.filter((value, i): value is Value => isFed(c.inputs[i]!));
  const bodies = new GraphBuilder(engine, operators);
  if (c.body) bodies.node(c.body, [], []);
  const subgraph = () => ({ graph: bodies.graph([], []), addresses: new Map() });
  const runner = new SubgraphRunner(
    builder.graph(fed, outputs),
    builder.resources,
    { arithmetic, preserveAllTensors: false, team },
    c.body !== undefined ? { layout: 0, owners: [], subgraph, runners: () => [] } : undefined,
  );
  const release = () => {
    runner.release();
    for (const owner of runner.options.session.owners) owner.release();
    builder.release();
    bodies.release();
  };
  try {
    runner.prepare();
  } catch (error) {
    release();
    throw error;
  }
  return { runner, inputs, outputs, release };
}

/**
 * What one operator gives, and then the nodes after it. With variables it runs twice, and what they hold at the end follows
 * the outputs.
 */
export function runOp(...[op, c, engine, ...rest]: Parameters<typeof compileOp>): ReferenceResult[] {
  const { runner, inputs, outputs, release } = compileOp(op, c, engine, ...rest);
  const tensorOf = ({ name, id }: Value) => new Tensor(name, id, runner);
  const variables = inputs.filter((value): value is Value => value?.isVariable ?? false);
  try {
    for (const [i, spec] of c.inputs.entries()) {
      if (spec?.variable) engine.bytes.set(rawBytes(spec), runner.locate(inputs[i]!.id).address!);
      else if (isFed(spec)) setElements(tensorOf(inputs[i]!), spec.data!);
    }
    runner.run();
    if (variables.length) runner.run();
    return [...outputs, ...variables].map((value) => {
      const tensor = tensorOf(value);
      return { shape: tensor.shape, data: elementsOf(tensor) };
    });
  } finally {
    release();
  }
}
