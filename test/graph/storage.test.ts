import { expect, test } from 'vitest';
import type { Value } from '../../bindings/graph/ir.js';
import { Engine } from '../../bindings/runtime/engine.js';
import { SubgraphRunner } from '../../bindings/runtime/runner.js';
import { builds } from '../support/builds.js';
import { GraphBuilder } from '../support/graph-builder.js';
import { allOperators } from '../support/operators.js';
import { Rng } from '../support/random.js';

const operators = new Map(allOperators.map((operator) => [operator.name, operator]));

/**
 * A random graph of element-wise operators (which like to work in place), reshapes, splits and concatenations (which like to
 * share storage), with values used several times and several outputs. All tensors have `n` rows of 12.
 */
function randomGraph(builder: GraphBuilder, rng: Rng) {
  const float = (shape: readonly number[]) => builder.tensor({ dtype: 'float32', shape });
  const ints = (...numbers: number[]) =>
    builder.tensor({ dtype: 'int32', shape: [numbers.length], data: Int32Array.from(numbers), constant: true });
  const inputs = [float([2, 12]), float([2, 12])];
  const pool: Value[] = [...inputs];
  // The newest values more often, so that chains arise.
  const any = () => pool[pool.length - 1 - Math.min(pool.length - 1, rng.int(0, rng.bool(0.7) ? 2 : pool.length))]!;
  const rows = (value: Value) => value.shape[0]!;
  for (let i = rng.int(3, 14); i > 0; i--) {
    const a = any();
    const shape = [rows(a), 12];
    switch (rng.pick(['unary', 'binary', 'binary', 'reshape', 'split', 'concat', 'concat'])) {
      case 'unary': {
        const out = float(shape);
        builder.node(rng.pick(['NEG', 'RELU', 'ABS']), [a], [out]);
        pool.push(out);
        break;
      }
      case 'binary': {
        const b = rng.pick(pool.filter((value) => rows(value) === rows(a)));
        const out = float(shape);
        builder.node(rng.pick(['ADD', 'SUB', 'MAXIMUM']), [a, b], [out], {
          options: { fusedActivationFunction: 'NONE' },
        });
        pool.push(out);
        break;
      }
      case 'reshape': {
        const flat = float([rows(a) * 12]);
        const out = float(shape);
        builder.node('RESHAPE', [a, ints(rows(a) * 12)], [flat]);
        builder.node('RESHAPE', [flat, ints(...shape)], [out]);
        pool.push(out);
        break;
      }
      case 'split': {
        if (rows(a) % 2) break;
        const parts = [float([rows(a) / 2, 12]), float([rows(a) / 2, 12])];
        builder.node('SPLIT', [ints(0), a], parts, { options: { numSplits: 2 } });
        pool.push(...parts);
        break;
      }
      case 'concat': {
        const parts = Array.from({ length: rng.int(2, 3) }, any);
        const total = parts.reduce((sum, part) => sum + rows(part), 0);
        if (total > 24) break;
        const out = float([total, 12]);
        builder.node('CONCATENATION', parts, [out], { options: { axis: 0, fusedActivationFunction: 'NONE' } });
        pool.push(out);
        break;
      }
    }
  }
  const computed = pool.filter((value) => !inputs.includes(value));
  const last = computed[computed.length - 1];
  const outputs = [...new Set([last, ...computed.filter(() => rng.bool(0.2))])].filter((v): v is Value => !!v);
  return builder.graph(inputs, outputs);
}

test('sharing storage never changes a result', async () => {
  const engine = await Engine.create({ build: builds[0]! });
  for (let seed = 1; seed <= 400; seed++) {
    const results = [false, true].map((preserveAllTensors) => {
      const builder = new GraphBuilder(engine, operators);
      const rng = new Rng(seed);
      const graph = randomGraph(builder, rng);
      const runner = new SubgraphRunner(graph, builder.resources, { arithmetic: 'fast', preserveAllTensors });
      runner.prepare();
      const bytes = (value: Value) => {
        const { address } = runner.locate(value.id);
        return engine.bytes.subarray(address!, address! + value.shape.reduce((a, b) => a * b, 4));
      };
      const fill = new Rng(seed + 1000);
      const data = graph.inputs.map((value) => new Uint8Array(fill.data('float32', value.shape).buffer));
      for (const [i, value] of graph.inputs.entries()) bytes(value).set(data[i]!);
      // Twice: the inputs must survive a run.
      runner.run();
      runner.run();
      const got = graph.outputs.map((value) => [...bytes(value)]);
      for (const [i, value] of graph.inputs.entries()) expect([...bytes(value)]).toEqual([...data[i]!]);
      runner.release();
      builder.release();
      return got;
    });
    expect(results[0], `seed ${seed}`).toEqual(results[1]);
  }
  expect(engine.map.used()).toBe(0);
});
