import type { DType } from '../dtype.js';
import type { Quantization } from '../quantization.js';

/**
 * A verified model file as plain objects: what `schema.fbs` says, with names resolved, defaults filled in
 * and every index in range. Weights are not here; a buffer is a range of the file's bytes.
 */
export interface ModelDefinition {
  readonly version: number;
  readonly description: string;
  readonly subgraphs: readonly SubgraphDefinition[];
  /** Byte ranges within the file; `size` 0 means no data (buffer 0 always). */
  readonly buffers: readonly ByteRange[];
  readonly signatures: readonly SignatureDefinition[];
  readonly metadata: readonly MetadataEntry[];
}

export interface ByteRange {
  readonly offset: number;
  readonly size: number;
}

export interface MetadataEntry {
  readonly name: string;
  readonly buffer: number;
}

export interface SignatureDefinition {
  readonly key: string;
  readonly subgraph: number;
  readonly inputs: readonly { readonly name: string; readonly tensor: number }[];
  readonly outputs: readonly { readonly name: string; readonly tensor: number }[];
}

export interface SubgraphDefinition {
  readonly name: string;
  readonly tensors: readonly TensorDefinition[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly OperatorDefinition[];
}

export interface TensorDefinition {
  readonly name: string;
  readonly dtype: DType;
  /** Unknown dimensions are stored as in the file (usually 1). */
  readonly shape: readonly number[];
  /** -1 where a dimension is unknown; null where the file has no signature. */
  readonly shapeSignature: readonly number[] | null;
  readonly buffer: number;
  /** null where the file has no scale. One zero point a scale. */
  readonly quantization: Quantization | null;
  /** A scheme that scales and zero points alone cannot say. */
  readonly quantizationDetails: QuantizationDetails | null;
  readonly isVariable: boolean;
  readonly sparsity: SparsityDefinition | null;
}

/** `scales` and `zeroPoints` are tensors of the subgraph; `zeroPoints` -1: all zero. */
export type QuantizationDetails =
  | { readonly kind: 'CustomQuantization'; readonly custom: ByteRange | null }
  | {
      readonly kind: 'BlockwiseQuantization';
      readonly scales: number;
      readonly zeroPoints: number;
      readonly blockSize: number;
    }
  | {
      readonly kind: 'MultiAxisQuantization';
      readonly scales: number;
      readonly zeroPoints: number;
      readonly blockSize: number;
      readonly quantizedDimensions: readonly number[];
    };

/** As wide as the file has them. */
export type Indices = readonly number[] | Int32Array | Uint16Array | Uint8Array;

/** Sparse weights: TACO-like per-dimension formats; see the schema's SparsityParameters. */
export interface SparsityDefinition {
  readonly traversalOrder: readonly number[];
  readonly blockMap: readonly number[];
  readonly dimensions: readonly {
    readonly format: 'DENSE' | 'SPARSE_CSR';
    readonly denseSize: number;
    readonly segments: Indices;
    readonly indices: Indices;
  }[];
}

export interface OperatorDefinition {
  /** Builtin name in the schema's spelling (`CONV_2D`), or the custom code. */
  readonly op: string;
  readonly custom: boolean;
  readonly version: number;
  /** Tensor indices; -1 is an omitted optional input. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly intermediates: readonly number[];
  /**
   * The builtin options table as a plain object: schema names in camelCase (`strideW`), enums by name
   * (`padding: 'SAME'`, `fusedActivationFunction: 'RELU6'`, types as the schema spells them: `outDataType: 'INT32'`).
   * Fields and tables that are absent have their defaults; 64-bit fields are numbers where that is exact, else bigints.
   */
  readonly options: OperatorOptions;
  /** Bytes of a custom operator's options (usually a flexbuffer). */
  readonly customOptions: Uint8Array | null;
}

// biome-ignore lint/suspicious/noExplicitAny: options are checked against the schema at load, per operator table
export type OperatorOptions = Readonly<Record<string, any>>;
