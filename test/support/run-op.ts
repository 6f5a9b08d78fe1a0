import { byteLength, elementCount, typedArrayOf } from '../../bindings/dtype.js';
import type { Arithmetic, ModelResources } from '../../bindings/graph/compile.js';
import type { Graph } from '../../bindings/graph/graph.js';
import type { OpNode, Value } from '../../bindings/graph/ir.js';
import { Pool } from '../../bindings/memory/map.js';
import type { Operator } from '../../bindings/ops/operator.js';
import type { Engine } from '../../bindings/runtime/engine.js';
import { SubgraphRunner } from '../../bindings/runtime/runner.js';
import { Tensor } from '../../bindings/tensor.js';
import type { OpCase, ReferenceResult, TensorSpec } from './spec.js';

/** What runs one operator: a real compile of a graph with a single node. */
export function runOp(
  op: string,
  c: OpCase,
  engine: Engine,
  operators: ReadonlyMap<string, Operator>,
  arithmetic: Arithmetic,
): ReferenceResult[] {
  const constants = new Pool(engine.map, 'constants');
  const packedPool = new Pool(engine.map, 'packed');
  const resources: ModelResources = { engine, operators, packed: new Map(), packedPool };
  const values: Value[] = [];
  const toValue = (spec: TensorSpec | OpCase['outputs'][number], data?: Uint8Array): Value => {
    const q = spec.quantization;
    const value: Value = {
      id: values.length,
      name: `t${values.length}`,
      dtype: spec.dtype,
      shape: spec.shape,
      shapeSignature: null,
      quantization: q
        ? { scale: Float32Array.from(q.scale), zeroPoint: Int32Array.from(q.zeroPoint), axis: q.axis ?? 0 }
        : null,
      sparsity: spec.sparsity ?? null,
      isVariable: false,
      constant: null,
    };
    if (data) {
      const address = constants.allocate(data.length);
      engine.bytes.set(data, address);
      value.constant = { id: `${address}`, address, bytes: data.length };
    }
    values.push(value);
    return value;
  };
  const raw = ({ data }: TensorSpec) => new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength);
  const inputs = c.inputs.map((spec) => spec && toValue(spec, spec.constant ? raw(spec) : undefined));
  const outputs = c.outputs.map((spec) => toValue(spec));
  const fed = inputs.filter((value): value is Value => value !== null && !value.constant);
  const node: OpNode = {
    op,
    custom: false,
    index: 0,
    version: c.version ?? 1,
    options: c.options ?? {},
    customOptions: c.customOptions ?? null,
    inputs,
    outputs,
  };
  const graph: Graph = { values, nodes: [node], inputs: fed, outputs };
  const runner = new SubgraphRunner(graph, resources, { arithmetic, preserveAllTensors: false });
  try {
    runner.prepare();
    for (const [i, spec] of c.inputs.entries()) {
      const value = inputs[i];
      if (!spec || !value || value.constant) continue;
      const { address } = runner.locate(value.id);
      engine.bytes.set(raw(spec), address!);
    }
    runner.run();
    return outputs.map((value) => {
      const tensor = new Tensor(value.name, value.id, runner);
      return { shape: tensor.shape, data: tensor.copy() };
    });
  } finally {
    runner.release();
    packedPool.release();
    constants.release();
  }
}

/** Zeroed data of a tensor spec. */
export function emptyData(dtype: TensorSpec['dtype'], shape: readonly number[]) {
  const View = typedArrayOf(dtype);
  return new View(byteLength(dtype, elementCount(shape)) / View.BYTES_PER_ELEMENT);
}
