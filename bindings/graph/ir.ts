import type { DType, TypedArray } from '../dtype.js';
import { byteLength, elementCount } from '../dtype.js';
import { InvalidOperatorError, ShapeError, UnsupportedOperatorError } from '../errors.js';
import type { Region } from '../memory/map.js';
import type { OperatorOptions, QuantizationDetails, SparsityDefinition } from '../model/model.js';
import type { Quantization } from '../quantization.js';
import type { CompileOptions, ModelResources } from './compile.js';
import type { Graph } from './graph.js';
import type { Pins } from './pins.js';

export type Shape = readonly number[];

/** Constant bytes in linear memory: part of the model image, or the result of constant folding. */
export interface ConstantData {
  /** Names these bytes within the model for as long as it is loaded (addresses may be reused): for keys of packed data. */
  readonly id: string;
  /** Folded constants are computed when this is read, which may grow memory. */
  readonly address: number;
  readonly bytes: number;
}

/** A tensor of the graph being compiled. */
export interface Value {
  /** Tensor index in the subgraph; values that a rewrite adds continue the numbering. */
  readonly id: number;
  readonly name: string;
  /** As declared; some of TFLite's kernels put an input's type in its place. */
  dtype: DType;
  /** Concrete shape, set by inference for everything that a node produces. */
  shape: Shape;
  readonly shapeSignature: Shape | null;
  readonly quantization: Quantization | null;
  readonly sparsity: SparsityDefinition | null;
  readonly quantizationDetails?: QuantizationDetails | null;
  /** Scales of blocks of the last dimension, row by row, instead of `quantization`. */
  blocks?: { readonly kind: string; readonly scale?: Value; readonly zeroPoints: number; readonly blockSize: number };
  readonly isVariable: boolean;
  constant: ConstantData | null;
}

/** Elements of a value. */
export function count(value: Value): number {
  return elementCount(value.shape);
}

/** Bytes a value takes in memory. */
export function bytesOf(value: Value): number {
  return value.constant ? value.constant.bytes : byteLength(value.dtype, count(value));
}

/**
 * An operator of the graph, as lowerings see it. Rewrite passes replace `options`, `inputs` and `outputs`;
 * lowerings read them.
 */
export interface OpNode {
  readonly op: string;
  readonly custom: boolean;
  /** Position in the model's execution order (for messages and profiles). */
  readonly index: number;
  readonly version: number;
  options: OperatorOptions;
  readonly customOptions: Uint8Array | null;
  /** null is an omitted optional input. */
  inputs: (Value | null)[];
  outputs: Value[];
  /** Carry the quantization of values within the operator (integer LSTM); hold no data. */
  readonly intermediates: readonly Value[];
}

/** What operators may ask of the compiler while they infer shapes or lower. */
export interface Known {
  /**
   * The elements of an integer (or any numeric) value that must be known to infer shapes. Where the value is computed
   * at run time, this ends the plan's current segment: the call throws an internal signal, and is repeated
   * once the value has been computed. Don't catch it.
   */
  values(value: Value): number[];
}

/** What an operator may ask of the compiler while it infers shapes, in the order of execution. */
export interface Inference extends Known {
  /** Ends the segment before the current node: `Operator.enter` says what is to be done then. Don't catch it, either. */
  suspend(): never;

  /** Values at given addresses; there with the full set of operators. */
  readonly pins?: Pins;

  readonly resources: ModelResources;
  readonly options: CompileOptions;
}

/** What the subgraphs of one interpreter share. */
export interface Session {
  /** A subgraph as it was imported, and the addresses of its variables. */
  subgraph(index: number): { readonly graph: Graph; readonly addresses: ReadonlyMap<Value, number> };
  /** Counts changes of what plans go by and their inputs do not tell: shapes and places of resources. */
  layout: number;
  /** The subgraphs that were asked for. */
  runners(): Iterable<{
    readonly graph: Graph;
    locate(id: number): { readonly value: Value; readonly address: number | null };
  }>;
  /** What resources hold. */
  kept?(): Iterable<{ readonly dtype: DType; readonly region: Region }>;
  /** Who keeps state for the interpreter. */
  readonly owners: { reset(): void; release(): void }[];
}

/** Input `i`, which the operator requires. */
export function input(node: OpNode, i: number): Value {
  const value = node.inputs[i];
  if (!value) throw invalid(node, `input ${i} is missing`);
  return value;
}

/** Input `i`, or null where it is omitted. */
export function optionalInput(node: OpNode, i: number): Value | null {
  return node.inputs[i] ?? null;
}

export function output(node: OpNode, i = 0): Value {
  const value = node.outputs[i];
  if (!value) throw invalid(node, `output ${i} is missing`);
  return value;
}

const where = (node: OpNode) => `${node.op} (node ${node.index})`;

/** An error for options, types or constants that make no sense. */
export function invalid(node: OpNode, message: string): InvalidOperatorError {
  return new InvalidOperatorError(`${where(node)}: ${message}`, { op: node.op, index: node.index });
}

/** An error for shapes that do not fit together. */
export function badShape(node: OpNode, message: string): ShapeError {
  return new ShapeError(`${where(node)}: ${message}`, { op: node.op, index: node.index });
}

/** An error for a form (dtype, option) of an operator that is legal TFLite but not available here. */
export function unsupported(node: OpNode, reason: string): UnsupportedOperatorError {
  return new UnsupportedOperatorError([{ op: node.op, index: node.index, reason }]);
}

export function checkShape(node: OpNode, condition: boolean, message: () => string): asserts condition {
  if (!condition) throw badShape(node, message());
}

/** `axis` in -rank..rank-1, made non-negative. */
export function normalizeAxis(node: OpNode, axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(a) && a >= 0 && a < rank))
    throw badShape(node, `axis ${axis} is outside a tensor of rank ${rank}`);
  return a;
}

/** Scale and zero point of a per-tensor quantized value. */
export function perTensor(node: OpNode, value: Value): { scale: number; zeroPoint: number } {
  const q = value.quantization;
  if (!q || q.scale.length === 0) throw invalid(node, `tensor '${value.name}' has no quantization parameters`);
  if (q.scale.length !== 1) throw invalid(node, `tensor '${value.name}' must be quantized per tensor`);
  return { scale: q.scale[0]!, zeroPoint: q.zeroPoint[0]! };
}

export function sameQuantization(a: Value, b: Value): boolean {
  const p = a.quantization;
  const q = b.quantization;
  if (!p || !q) return !p === !q;
  return (
    p.scale.length === q.scale.length &&
    p.scale.every((s, i) => s === q.scale[i]) &&
    p.zeroPoint.every((z, i) => z === q.zeroPoint[i])
  );
}

export type { TypedArray };
