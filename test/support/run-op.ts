import type { Arithmetic } from '../../bindings/graph/compile.js';
import type { Value } from '../../bindings/graph/ir.js';
import type { Operator } from '../../bindings/ops/operator.js';
import type { Engine } from '../../bindings/runtime/engine.js';
import { SubgraphRunner } from '../../bindings/runtime/runner.js';
import { Tensor } from '../../bindings/tensor.js';
import type { Team } from '../../bindings/threads/host.js';
import { GraphBuilder, rawBytes } from './graph-builder.js';
import type { OpCase, ReferenceResult } from './spec.js';

/** A graph with a single node, compiled as any other. Inputs that the case gives no constant are to be fed. */
export function compileOp(
  op: string,
  c: OpCase,
  engine: Engine,
  operators: ReadonlyMap<string, Operator>,
  arithmetic: Arithmetic,
  team?: Team,
) {
  const builder = new GraphBuilder(engine, operators);
  const inputs = c.inputs.map((spec) => spec && builder.tensor(spec));
  const outputs = c.outputs.map((spec) => builder.tensor(spec));
  const { options = {}, customOptions = null, version = 1 } = c;
  const intermediates = c.intermediates?.map((spec) => builder.tensor(spec)) ?? [];
  builder.node(op, inputs, outputs, { options, customOptions, version, intermediates });
  const fed = inputs.filter((value): value is Value => value !== null && !value.constant && !value.isVariable);
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

/** What one operator gives. With variables it runs twice, and what they hold at the end follows the outputs. */
export function runOp(...[op, c, engine, ...rest]: Parameters<typeof compileOp>): ReferenceResult[] {
  const { runner, inputs, outputs, release } = compileOp(op, c, engine, ...rest);
  const variables = inputs.filter((value): value is Value => value?.isVariable ?? false);
  try {
    for (const [i, spec] of c.inputs.entries()) {
      const value = inputs[i];
      if (spec && value && !value.constant) engine.bytes.set(rawBytes(spec), runner.locate(value.id).address!);
    }
    runner.run();
    if (variables.length) runner.run();
    return [...outputs, ...variables].map((value) => {
      const tensor = new Tensor(value.name, value.id, runner);
      return { shape: tensor.shape, data: tensor.copy() };
    });
  } finally {
    release();
  }
}
