import { elementCount } from '../dtype.js';
import type { ModelDefinition } from '../model/model.js';
import type { ConstantData, OpNode, Value } from './ir.js';

/** One subgraph as the compiler works on it. */
export interface Graph {
  readonly values: Value[];
  readonly inputs: Value[];
  readonly outputs: Value[];
  nodes: OpNode[];
}

/**
 * The IR of a subgraph.
 * @param image address of the model's bytes in linear memory
 */
export function importGraph(model: ModelDefinition, subgraph: number, image: number): Graph {
  const definition = model.subgraphs[subgraph]!;
  const computed = new Set([...definition.inputs, ...definition.operators.flatMap((operator) => operator.outputs)]);
  const values = definition.tensors.map((tensor, id): Value => {
    const { offset, size } = model.buffers[tensor.buffer] ?? { offset: 0, size: 0 };
    // A tensor without elements that nothing computes is constant, too.
    const present = size > 0 || (elementCount(tensor.shape) === 0 && !computed.has(id));
    const constant: ConstantData | null =
      present && !tensor.isVariable ? { id: `${offset}`, address: image + offset, bytes: size } : null;
    const { name, dtype, shape, shapeSignature, quantization, quantizationDetails, sparsity, isVariable } = tensor;
    return {
      id,
      name,
      dtype,
      shape,
      shapeSignature,
      quantization,
      quantizationDetails,
      sparsity,
      isVariable,
      constant,
    };
  });
  const nodes = definition.operators.map(
    (operator, index): OpNode => ({
      op: operator.op,
      custom: operator.custom,
      index,
      version: operator.version,
      options: operator.options,
      customOptions: operator.customOptions,
      inputs: operator.inputs.map((i) => (i < 0 ? null : values[i]!)),
      outputs: operator.outputs.map((i) => values[i]!),
      intermediates: operator.intermediates.map((i) => values[i]!),
    }),
  );
  return {
    values,
    nodes,
    inputs: definition.inputs.map((i) => values[i]!),
    outputs: definition.outputs.map((i) => values[i]!),
  };
}

/** A copy that can be rewritten and re-inferred without touching the original. */
export function cloneGraph(graph: Graph): Graph {
  const copies = new Map<Value, Value>();
  for (const value of graph.values) copies.set(value, { ...value });
  const copy = (value: Value) => copies.get(value)!;
  return {
    values: graph.values.map(copy),
    inputs: graph.inputs.map(copy),
    outputs: graph.outputs.map(copy),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((value) => value && copy(value)),
      outputs: node.outputs.map(copy),
      intermediates: node.intermediates.map(copy),
    })),
  };
}
