import type { DType } from '../dtype.js';
import type { Quantization } from '../quantization.js';
import { FlatbufferReader, type Layout, type UnionValue } from './flatbuffer.js';
import type {
  ByteRange,
  ModelDefinition,
  OperatorDefinition,
  OperatorOptions,
  QuantizationDetails,
  SparsityDefinition,
  SubgraphDefinition,
  TensorDefinition,
} from './model.js';
import { verifyModel } from './verify.js';

/** A model's tables as `FlatbufferReader` gives them; see schema/tflite.fbs. Options of operators are only located. */
export interface RawModel {
  version: number;
  operatorCodes: RawOperatorCode[];
  subgraphs: RawSubgraph[];
  description: string;
  buffers: RawBuffer[];
  metadata: { name: string; buffer: number }[];
  signatureDefs: {
    signatureKey: string;
    subgraphIndex: number;
    inputs: RawTensorMap[];
    outputs: RawTensorMap[];
  }[];
}

interface RawOperatorCode {
  deprecatedBuiltinCode: number;
  builtinCode: number;
  customCode: string;
  version: number;
}

interface RawSubgraph {
  name: string;
  tensors: RawTensor[];
  inputs: number[];
  outputs: number[];
  operators: RawOperator[];
}

interface RawTensor {
  name: string;
  type: string;
  shape: number[];
  shapeSignature: number[];
  buffer: number;
  quantization: RawQuantization | null;
  isVariable: boolean;
  /** Read by `RareForms`. */
  sparsity: object | null;
  externalBuffer: number;
}

interface RawQuantization {
  scale: ByteRange | null;
  zeroPoint: ByteRange | null;
  quantizedDimension: number;
  details: { type: string; value: Record<string, never> } | null;
}

interface RawOperator {
  opcodeIndex: number;
  inputs: number[];
  outputs: number[];
  intermediates: number[];
  builtinOptions: UnionValue | null;
  builtinOptions2: UnionValue | null;
  customOptions: Uint8Array | null;
  largeCustomOptionsOffset: number | bigint;
  largeCustomOptionsSize: number | bigint;
}

interface RawBuffer {
  data: ByteRange | null;
  offset: number | bigint;
  size: number | bigint;
}

interface RawTensorMap {
  name: string;
  tensorIndex: number;
}

const CUSTOM = 32;

/** The part of the schema that the reader goes by. Operators that `codes` leaves out are named `BUILTIN_n`, without options. */
export interface SchemaFacts {
  readonly layout: Layout;
  /** A line an operator code; see scripts/generate-schema.mjs. */
  readonly codes: string;
  /** How to read and check what few models have. Without it, these parts of a model are there, but empty. */
  readonly rare?: RareForms;
}

/** Strings, sparse tensors, calls between subgraphs, quantization in blocks. */
export interface RareForms {
  sparsityOf(source: object, reader: FlatbufferReader): SparsityDefinition;
  verify(model: ModelDefinition, bytes: Uint8Array): void;
}

const UNREAD: SparsityDefinition = { traversalOrder: [], blockMap: [], dimensions: [] };

const open = (bytes: Uint8Array, { layout }: SchemaFacts) => new FlatbufferReader(bytes, layout, 'model');

/** Older files know the 8-bit field alone; newer ones put 127 there for codes that do not fit. */
const builtinOf = (code: RawOperatorCode) => Math.max(code.deprecatedBuiltinCode, code.builtinCode);

const linesOf = ({ codes }: SchemaFacts) => codes.split('\n').map((line) => line.split(' '));

const nameOf = (code: RawOperatorCode, lines: string[][]) => {
  const builtin = builtinOf(code);
  return builtin === CUSTOM ? code.customCode : lines[builtin]?.[0] || `BUILTIN_${builtin}`;
};

/** Names of the operators and metadata that a file announces; a fraction of the work of reading it. */
export function readContents(bytes: Uint8Array, facts: SchemaFacts) {
  const fields = '- operatorCodes:[OperatorCode - - - - metadata:[Metadata';
  const { operatorCodes, metadata }: RawModel = open(bytes, facts).root('TFL3', fields);
  const lines = linesOf(facts);
  return { operators: operatorCodes.map((code) => nameOf(code, lines)), metadata };
}

/** The tables of a .tflite file, without what the layout of `facts` leaves out. */
export function readTables(bytes: Uint8Array, facts: SchemaFacts): RawModel {
  return open(bytes, facts).root('TFL3', facts.layout.tables.Model!);
}

/** Whether the tables hold nothing that only `RareForms` reads. */
export const isPlain = ({ subgraphs }: RawModel) =>
  subgraphs.every(({ tensors }) => tensors.every((t) => !t.sparsity && !t.quantization?.details));

/** Reads a .tflite file: checks the flatbuffer, resolves names, and checks that the model makes sense. */
export function readModel(bytes: Uint8Array, facts: SchemaFacts): ModelDefinition {
  return defineModel(readTables(bytes, facts), bytes, facts);
}

/** The second half of `readModel`. `raw` may have been read by smaller facts if it `isPlain`. */
export function defineModel(raw: RawModel, bytes: Uint8Array, facts: SchemaFacts): ModelDefinition {
  const { rare } = facts;
  const reader: FlatbufferReader = open(bytes, facts);
  // Versions 1 and 2 had the same tables; files of theirs that keep weights elsewhere fail the checks that follow.
  if (!(raw.version >= 1 && raw.version <= 3)) reader.fail(`has the schema version ${raw.version}, expected 3`);
  const operators = linesOf(facts);
  const each = <T, R>(name: string, list: readonly T[], body: (item: T, i: number) => R): R[] =>
    reader.within(name, () => list.map((item, i) => reader.within(i, () => body(item, i))));

  const operatorOf = (source: RawOperator): OperatorDefinition => {
    const code = raw.operatorCodes[source.opcodeIndex];
    if (!code) reader.fail(`names the operator code ${source.opcodeIndex} of ${raw.operatorCodes.length}`);
    const builtin = builtinOf(code);
    if (builtin < 0) reader.fail(`has the operator code ${builtin}`);
    const [, member, ...fields] = operators[builtin] ?? [];
    const custom = builtin === CUSTOM;
    const op = nameOf(code, operators);
    if (!op) reader.fail('is a custom operator without a name');
    return {
      op,
      custom,
      version: code.version,
      inputs: source.inputs,
      outputs: source.outputs,
      intermediates: source.intermediates,
      options: custom ? {} : reader.within(op, () => optionsOf(source, member, fields.join(' '))),
      customOptions: customOptionsOf(source),
    };
  };

  const optionsOf = (source: RawOperator, member: string | undefined, fields: string): OperatorOptions => {
    if (!member) return {};
    const second = member[0] === '+';
    const union = second ? source.builtinOptions2 : source.builtinOptions;
    // Without options, the defaults of all fields: an empty table says just that.
    if (!union) return reader.defaults(fields);
    if (union.type !== Number(member)) reader.fail(`has the options table ${union.type}, expected ${Number(member)}`);
    return reader.table(union.at, fields);
  };

  const rangeOf = (offset: number | bigint, size: number | bigint): ByteRange => {
    if (Number(offset) + Number(size) > bytes.length) {
      reader.fail(`is ${size} bytes at ${offset}, past the end of the file (${bytes.length} bytes)`);
    }
    return { offset: Number(offset), size: Number(size) };
  };

  const customOptionsOf = (source: RawOperator): Uint8Array | null => {
    if (!(source.largeCustomOptionsOffset > 1)) return source.customOptions;
    const { offset, size } = rangeOf(source.largeCustomOptionsOffset, source.largeCustomOptionsSize);
    reader.spend(size);
    return bytes.slice(offset, offset + size);
  };

  const bufferOf = ({ data, offset, size }: RawBuffer, i: number): ByteRange => {
    if (i === 0) return { offset: 0, size: 0 };
    if (data?.size) return data;
    return offset > 1 ? rangeOf(offset, size) : { offset: 0, size: 0 };
  };

  /** The words of a vector whose elements take `width` bytes: in place where they are aligned, to be read at once. */
  const wordsOf = <T>(
    Words: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
    range: ByteRange | null,
    width: number,
  ): T => {
    const { offset, size } = range ?? { offset: 0, size: 0 };
    reader.spend(size * width);
    const part = bytes.subarray(offset, offset + size * width);
    const { buffer, byteOffset } = part.byteOffset % 4 ? part.slice() : part;
    return new Words(buffer, byteOffset, (size * width) / 4);
  };

  const quantizationOf = (source: RawQuantization | null, shape: readonly number[]): Quantization | null => {
    const n = source?.scale?.size;
    if (!source || !n) return null;
    const zeros = source.zeroPoint?.size ?? 0;
    if (zeros > 1 && zeros !== n) reader.fail(`has ${n} scales but ${zeros} zero points`);
    // Some converters wrote the filter's axis into the bias too.
    const axis = shape.length === 1 ? 0 : source.quantizedDimension;
    if (n > 1 && shape[axis] !== n) reader.fail(`has ${n} scales along dimension ${axis} of the shape [${shape}]`);
    // Calls that are one of the host's own functions for all elements: most of this runs before the host compiles any loop.
    const scale = wordsOf(Float32Array, source.scale, 4).slice();
    if (!scale.every(Number.isFinite)) reader.fail('has a scale that is not finite');
    const zeroPoint = new Int32Array(n);
    // 64-bit numbers that fit into 32 bits, as pairs; mostly zeros.
    const pairs = wordsOf(Int32Array, source.zeroPoint, 8);
    for (let i = pairs.some(Number) ? zeros : 0; i-- > 0; ) {
      zeroPoint[i] = pairs[2 * i]!;
      if (pairs[2 * i + 1] !== zeroPoint[i]! >> 31) reader.fail('has a zero point beyond 32 bits');
    }
    if (zeros === 1) zeroPoint.fill(zeroPoint[0]!);
    return { scale, zeroPoint, axis: n > 1 ? axis : 0 };
  };

  const tensorOf = (source: RawTensor): TensorDefinition => {
    const { name, buffer, quantization, externalBuffer } = source;
    // A few files put -1 for an unknown dimension into the shape itself.
    const shape = source.shape.map((d) => (d === -1 ? 1 : d));
    const signature = source.shapeSignature.length || !source.shape.includes(-1) ? source.shapeSignature : source.shape;
    if (externalBuffer) reader.fail(`'${name}' has its data in another file, which is not supported`);
    const details = quantization?.details;
    return {
      name,
      dtype: source.type.toLowerCase() as DType,
      shape,
      shapeSignature: signature.length ? signature : null,
      buffer,
      quantization: reader.within('quantization', () => quantizationOf(quantization, shape)),
      quantizationDetails: details ? ({ kind: details.type, ...details.value } as QuantizationDetails) : null,
      isVariable: source.isVariable,
      sparsity: source.sparsity && (rare?.sparsityOf(source.sparsity, reader) ?? UNREAD),
    };
  };

  const subgraphOf = (source: RawSubgraph): SubgraphDefinition => ({
    name: source.name,
    tensors: each('tensors', source.tensors, tensorOf),
    inputs: source.inputs,
    outputs: source.outputs,
    operators: each('operators', source.operators, operatorOf),
  });

  const named = (list: RawTensorMap[]) => list.map(({ name, tensorIndex }) => ({ name, tensor: tensorIndex }));

  const model: ModelDefinition = {
    version: raw.version,
    description: raw.description,
    subgraphs: each('subgraphs', raw.subgraphs, subgraphOf),
    buffers: each('buffers', raw.buffers, bufferOf),
    signatures: raw.signatureDefs.map((source) => ({
      key: source.signatureKey,
      subgraph: source.subgraphIndex,
      inputs: named(source.inputs),
      outputs: named(source.outputs),
    })),
    metadata: raw.metadata,
  };
  verifyModel(model);
  rare?.verify(model, bytes);
  return model;
}
