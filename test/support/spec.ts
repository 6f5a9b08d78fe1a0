import type { DType, TypedArray } from '../../bindings/dtype.js';
import type { OperatorOptions, SparsityDefinition } from '../../bindings/model/model.js';
import type { Rng } from './random.js';
import type { Resources } from './resources.js';

/** The executable specification of one operator: a readable reference, hand-picked cases, a random generator. */
export interface OpSpec {
  /** The schema's name, or a custom code. */
  readonly op: string;
  readonly custom?: boolean;
  /**
   * Plain loops, no tricks, TFLite's rounding spelled out. Gives every output's shape and elements, then those that
   * each variable among the inputs has afterwards.
   */
  reference(node: ReferenceNode): ReferenceResult[];
  readonly cases: readonly OpCase[];
  /** A small random case, over shapes, tails, dtypes, options and quantization parameters. */
  random?(rng: Rng): OpCase;
  /**
   * Float outputs: bound on |got - expected| <= atol + rtol * |expected|; default 1e-6 relative to the largest output.
   * Quantized outputs: `lsb` is for `arithmetic: 'fast'`; `exact` must be equal. Default 1.
   */
  tolerance?(c: OpCase): Tolerance;
}

export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
  readonly lsb?: number;
}

export interface QuantizationSpec {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis?: number;
}

export interface TensorSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly quantization?: QuantizationSpec;
  /** Raw elements as the dtype's typed array holds them (float16: bit patterns, int4: packed bytes, string: see strings.ts). */
  readonly data?: TypedArray;
  /** Stored in the model instead of fed. */
  readonly constant?: boolean;
  readonly sparsity?: SparsityDefinition;
  /** Scales of blocks of `size` elements of the last dimension (float16), instead of `quantization`. */
  readonly blocks?: { readonly scales: TensorSpec; readonly size: number };
  /** State that the operator reads and writes; `data` is what the first run finds. */
  readonly variable?: boolean;
}

/** A node beside the one that is specified. */
export interface NodeSpec {
  readonly op: string;
  readonly options?: OperatorOptions;
  /** Constants, and outputs of nodes before it: the same object in both places. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export interface OpCase {
  readonly name: string;
  readonly options?: OperatorOptions;
  readonly customOptions?: Uint8Array;
  readonly version?: number;
  readonly inputs: readonly (TensorSpec | null)[];
  /** dtype and quantization of each output; `shape` is ignored (inference must find it). */
  readonly outputs: readonly Omit<TensorSpec, 'data' | 'constant'>[];
  /**
   * Nodes around it, for operators that work on resources: what they need, and what shows their effect. What nodes before it
   * compute may be among its inputs. Outputs of nodes after it are compared as its own are.
   */
  readonly before?: readonly NodeSpec[];
  readonly after?: readonly NodeSpec[];
  /** Quantization of values within the operator. */
  readonly intermediates?: readonly Omit<TensorSpec, 'data' | 'constant'>[];
  /** The one operator of subgraph 0, for operators that look at a subgraph; empty if there is none. */
  readonly body?: string;
}

export interface ReferenceTensor {
  readonly sparsity?: SparsityDefinition;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly quantization?: QuantizationSpec;
  readonly blocks?: TensorSpec['blocks'];
  readonly data: TypedArray;
}

export interface ReferenceNode {
  readonly options: OperatorOptions;
  readonly customOptions?: Uint8Array;
  readonly inputs: readonly (ReferenceTensor | null)[];
  /** The shape is what the model says, which is right only where nothing else tells it. */
  readonly outputs: readonly {
    readonly dtype: DType;
    readonly shape: readonly number[];
    readonly quantization?: QuantizationSpec;
  }[];
  readonly intermediates: readonly { readonly quantization?: QuantizationSpec }[];
  readonly body?: string;
  /** Runs before this one, for operators that go on where they ended; none if omitted. */
  readonly runs?: number;
  /** What the nodes of an interpreter share; none where there is no other node. */
  readonly resources?: Resources;
}

export interface ReferenceResult {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}
