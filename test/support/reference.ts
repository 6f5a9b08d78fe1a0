// An interpreter made of the specifications in test/ops alone: no kernels, no compiler, no memory. Nodes in order, each by its
// reference; control flow as TFLite describes it.
import { elementCount, type TypedArray, typedArrayOf, typedView } from '../../bindings/dtype.js';
import { decodeString, unpackStrings } from '../../bindings/graph/strings.js';
import type {
  ModelDefinition,
  OperatorDefinition,
  SubgraphDefinition,
  TensorDefinition,
} from '../../bindings/model/model.js';
import { Resources } from './resources.js';
import type { OpSpec, QuantizationSpec, ReferenceTensor } from './spec.js';
import { numbersOf } from './strings.js';

export class NoReference extends Error {}

type Values = (ReferenceTensor | undefined)[];

export class ReferenceInterpreter {
  readonly #resources = new Resources();
  readonly #once = new Set<number>();
  #runs = 0;
  /** State of recurrent operators, by subgraph and tensor. */
  readonly #states = new Map<string, ReferenceTensor>();

  constructor(
    readonly model: ModelDefinition,
    readonly bytes: Uint8Array,
    readonly specs: ReadonlyMap<string, OpSpec>,
  ) {}

  /** One run: elements of the main graph's inputs to its outputs. */
  run(inputs: readonly TypedArray[]): ReferenceTensor[] {
    const { tensors, inputs: indices } = this.model.subgraphs[0]!;
    const outputs = this.#call(
      0,
      indices.map((t, i) => ({ ...this.#described(tensors[t]!), data: inputs[i]! })),
    );
    this.#runs++;
    return outputs;
  }

  #described({ dtype, shape, quantization: q, sparsity }: TensorDefinition) {
    const quantization: QuantizationSpec | undefined = q
      ? { scale: Array.from(q.scale), zeroPoint: Array.from(q.zeroPoint), axis: q.axis }
      : undefined;
    return { dtype, shape, quantization, sparsity: sparsity ?? undefined };
  }

  #constant(tensor: TensorDefinition): TypedArray | null {
    const range = this.model.buffers[tensor.buffer];
    if (!range?.size) return elementCount(tensor.shape) ? null : new (typedArrayOf(tensor.dtype))(0);
    const copy = this.bytes.slice(range.offset, range.offset + range.size);
    if (tensor.dtype !== 'string') return typedView(tensor.dtype, copy.buffer, 0, copy.length);
    return numbersOf(unpackStrings(copy)!.map(decodeString));
  }

  #call(index: number, inputs: readonly ReferenceTensor[]): ReferenceTensor[] {
    const graph = this.model.subgraphs[index]!;
    const values: Values = graph.tensors.map((tensor, t) => {
      if (tensor.isVariable) return this.#state(`${index}:${t}`, tensor);
      const data = this.#constant(tensor);
      return data ? { ...this.#described(tensor), data } : undefined;
    });
    for (const [i, t] of graph.inputs.entries()) {
      values[t] = { ...this.#described(graph.tensors[t]!), shape: inputs[i]!.shape, data: inputs[i]!.data };
    }
    for (const node of graph.operators) {
      const results = this.#node(node, graph, values, index);
      for (const [i, t] of node.outputs.entries()) {
        const result = results[i];
        if (result) values[t] = { ...this.#described(graph.tensors[t]!), shape: result.shape, data: result.data };
      }
    }
    return graph.outputs.map((t) => values[t]!);
  }

  /** What a variable holds: nothing but zeros at first. */
  #state(key: string, tensor: TensorDefinition): ReferenceTensor {
    let state = this.#states.get(key);
    if (!state) {
      const { dtype, shape } = tensor;
      const data = new (typedArrayOf(dtype))(elementCount(shape));
      if (dtype === 'int8') data.fill((tensor.quantization?.zeroPoint[0] ?? 0) as never);
      state = { ...this.#described(tensor), data };
      this.#states.set(key, state);
    }
    return state;
  }

  #node(
    node: OperatorDefinition,
    { tensors }: SubgraphDefinition,
    values: Values,
    index: number,
  ): { shape: readonly number[]; data: TypedArray }[] {
    const { op, options, customOptions } = node;
    const inputs = node.inputs.map((t) => (t < 0 ? null : (values[t] ?? null)));
    const control = this.#control(node, inputs as ReferenceTensor[]);
    if (control) return control;
    const spec = this.specs.get(op);
    if (!spec) throw new NoReference(op);
    const outputs = node.outputs.map((t) => this.#described(tensors[t]!));
    const intermediates = node.intermediates.map((t) => this.#described(tensors[t]!));
    // Whoever reads sparse weights sees them as they are, but for LSTM, whose results depend on which are sparse.
    if (op !== 'DENSIFY' && op !== 'LSTM') {
      for (const [i, x] of inputs.entries()) {
        if (!x?.sparsity) continue;
        const densify = this.specs.get('DENSIFY')!;
        const plain = { options: {}, outputs: [], intermediates: [] };
        inputs[i] = { ...x, ...densify.reference({ ...plain, inputs: [x] })[0]!, sparsity: undefined };
      }
    }
    // Runtimes from before this option ignore it; see the lowering.
    const declared = tensors[node.outputs[0] ?? 0]!;
    const literal = op === 'STRIDED_SLICE' && options.offset && !declared.shapeSignature?.includes(-1);
    if (literal) {
      const results = spec.reference({ options: { ...options, offset: false }, inputs, outputs, intermediates });
      if (`${results[0]!.shape}` === `${declared.shape}`) return [...results];
    }
    const body = this.model.subgraphs[options.updateComputationSubgraphIndex ?? options.bodySubgraphIndex];
    const results = spec.reference({
      options,
      customOptions: customOptions ?? undefined,
      inputs,
      outputs,
      intermediates,
      body: body && (body.operators[0]?.op ?? ''),
      runs: this.#runs,
      resources: this.#resources,
    });
    let next = outputs.length;
    for (const t of node.inputs) {
      if (t < 0 || !tensors[t]!.isVariable) continue;
      const { data } = results[next++]!;
      const state = { ...values[t]!, data };
      values[t] = state;
      this.#states.set(`${index}:${t}`, state);
    }
    return results.slice(0, outputs.length) as { shape: readonly number[]; data: TypedArray }[];
  }

  /** Operators that call subgraphs; null for all others. */
  #control({ op, options }: OperatorDefinition, inputs: readonly ReferenceTensor[]): ReferenceTensor[] | null {
    switch (op) {
      case 'IF':
        return this.#call(inputs[0]!.data[0] ? options.thenSubgraphIndex : options.elseSubgraphIndex, inputs.slice(1));
      case 'WHILE': {
        let state = [...inputs];
        while (this.#call(options.condSubgraphIndex, state)[0]!.data[0]) {
          state = this.#call(options.bodySubgraphIndex, state);
        }
        return state;
      }
      case 'STABLEHLO_CASE': {
        const branches: number[] = options.branchSubgraphIndices;
        const chosen = Number(inputs[0]!.data[0]);
        return this.#call(branches[chosen] ?? branches.at(-1)!, inputs.slice(1));
      }
      case 'CALL':
        return this.#call(options.subgraph, inputs);
      case 'STABLEHLO_COMPOSITE':
        return this.#call(options.decompositionSubgraphIndex, inputs);
      case 'CALL_ONCE':
        if (!this.#once.has(options.initSubgraphIndex)) this.#call(options.initSubgraphIndex, []);
        this.#once.add(options.initSubgraphIndex);
        return [];
      default:
        return null;
    }
  }
}
