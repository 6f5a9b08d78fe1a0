import type { ModelResources } from '../../bindings/graph/compile.js';
import type { Graph } from '../../bindings/graph/graph.js';
import type { OpNode, Value } from '../../bindings/graph/ir.js';
import { Pool } from '../../bindings/memory/map.js';
import { fullRegistry } from '../../bindings/ops/on-demand.js';
import type { Operator } from '../../bindings/ops/operator.js';
import type { Engine } from '../../bindings/runtime/engine.js';
import { packStrings } from './build-model.js';
import type { TensorSpec } from './spec.js';
import { textsOf } from './strings.js';

/** A tensor's data as a model file has them. */
export function rawBytes({ dtype, data }: Pick<TensorSpec, 'dtype' | 'data'>): Uint8Array {
  if (dtype === 'string') return packStrings(textsOf(data!));
  return new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength);
}

/** Builds graphs for the compiler without a model file; constants live in the engine until `release`. */
export class GraphBuilder {
  readonly values: Value[] = [];
  readonly nodes: OpNode[] = [];
  readonly resources: ModelResources;
  readonly #constants: Pool;

  constructor(
    readonly engine: Engine,
    operators: ReadonlyMap<string, Operator>,
  ) {
    this.#constants = new Pool(engine.map, 'constants');
    const { compiler } = fullRegistry;
    this.resources = { engine, operators, ...compiler, packed: new Map(), packedPool: new Pool(engine.map, 'packed') };
  }

  tensor(spec: Omit<TensorSpec, 'data' | 'constant'> & Partial<TensorSpec>): Value {
    const { dtype, shape, quantization: q, sparsity = null } = spec;
    const value: Value = {
      id: this.values.length,
      name: `t${this.values.length}`,
      dtype,
      shape,
      shapeSignature: null,
      quantization: q
        ? { scale: Float32Array.from(q.scale), zeroPoint: Int32Array.from(q.zeroPoint), axis: q.axis ?? 0 }
        : null,
      sparsity,
      isVariable: spec.variable ?? false,
      constant: null,
    };
    this.values.push(value);
    if (spec.blocks) {
      const { scales, size: blockSize } = spec.blocks;
      value.blocks = { kind: 'BlockwiseQuantization', scale: this.tensor(scales), zeroPoints: -1, blockSize };
    }
    if (spec.constant && spec.data) {
      const bytes = rawBytes(spec);
      const address = this.#constants.allocate(bytes.length);
      this.engine.bytes.set(bytes, address);
      value.constant = { id: `${address}`, address, bytes: bytes.length };
    }
    return value;
  }

  node(op: string, inputs: (Value | null)[], outputs: Value[], extra: Partial<OpNode> = {}): void {
    const index = this.nodes.length;
    this.nodes.push({
      op,
      custom: false,
      index,
      version: 1,
      options: {},
      customOptions: null,
      inputs,
      outputs,
      intermediates: [],
      ...extra,
    });
  }

  graph(inputs: Value[], outputs: Value[]): Graph {
    return { values: this.values, nodes: this.nodes, inputs, outputs };
  }

  release(): void {
    this.resources.packedPool.release();
    this.#constants.release();
  }
}
