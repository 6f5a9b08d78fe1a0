import * as flatbuffers from 'flatbuffers';
import { DTYPES, type DType, type TypedArray } from '../../bindings/dtype.js';
import type { Indices, OperatorOptions, QuantizationDetails, SparsityDefinition } from '../../bindings/model/model.js';
import { OPTIONS } from '../../bindings/model/schema/generated/options.js';
import * as tflite from '../../bindings/model/schema/generated/tflite.js';
import type { NodeSpec, OpCase, QuantizationSpec, TensorSpec } from './spec.js';
import { textsOf } from './strings.js';

/** A model in plain words; indices are positions in the lists. */
export interface ModelDescription {
  readonly description?: string;
  readonly subgraphs: readonly SubgraphDescription[];
  readonly signatures?: readonly SignatureDescription[];
  readonly metadata?: readonly { readonly name: string; readonly data: Uint8Array }[];
}

export interface SubgraphDescription {
  readonly name?: string;
  readonly tensors: readonly TensorDescription[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly OperatorDescription[];
}

export interface TensorDescription {
  readonly name?: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly shapeSignature?: readonly number[];
  readonly quantization?: QuantizationSpec;
  readonly quantizationDetails?: QuantizationDetails;
  /** Constant elements (strings: see `packStrings`). */
  readonly data?: TypedArray;
  readonly isVariable?: boolean;
  readonly sparsity?: SparsityDefinition;
}

export interface OperatorDescription {
  /** Builtin name, or the custom code. */
  readonly op: string;
  readonly custom?: boolean;
  readonly version?: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly intermediates?: readonly number[];
  /** camelCase fields of the operator's options table, enums by name; what is left out has the schema's default. */
  readonly options?: OperatorOptions;
  readonly customOptions?: Uint8Array;
}

export interface SignatureDescription {
  readonly key: string;
  readonly subgraph?: number;
  /** Tensors by name. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

/** Writes a .tflite file. */
export function buildModel(model: ModelDescription): Uint8Array {
  const root = new tflite.ModelT(3);
  root.description = model.description ?? null;
  root.buffers = [new AlignedBuffer()];
  const store = (data: Uint8Array) => root.buffers.push(new AlignedBuffer(data)) - 1;
  const codes = new Map<string, number>();
  const codeOf = ({ op, custom, version = 1 }: OperatorDescription) => {
    const key = `${custom ? 'custom' : 'builtin'}:${op}:${version}`;
    let index = codes.get(key);
    if (index === undefined) {
      const code = custom ? tflite.BuiltinOperator.CUSTOM : enumValue('BuiltinOperator', op);
      index = root.operatorCodes.push(new tflite.OperatorCodeT(Math.min(code, 127), custom ? op : null, version, code));
      codes.set(key, --index);
    }
    return index;
  };
  for (const { name, tensors, inputs, outputs, operators } of model.subgraphs) {
    const subgraph = new tflite.SubGraphT();
    subgraph.name = name ?? null;
    subgraph.tensors = tensors.map((tensor, i) => tensorOf(tensor, i, store));
    subgraph.inputs = [...inputs];
    subgraph.outputs = [...outputs];
    subgraph.operators = operators.map((operator) => operatorOf(operator, codeOf(operator)));
    root.subgraphs.push(subgraph);
  }
  root.signatureDefs = (model.signatures ?? []).map(({ key, subgraph, inputs, outputs }) => {
    const maps = (tensors: Readonly<Record<string, number>>) =>
      Object.entries(tensors).map(([name, tensor]) => new tflite.TensorMapT(name, tensor));
    return new tflite.SignatureDefT(maps(inputs), maps(outputs), key, subgraph ?? 0);
  });
  root.metadata = (model.metadata ?? []).map(({ name, data }) => new tflite.MetadataT(name, store(data)));
  const builder = new flatbuffers.Builder(1024);
  tflite.Model.finishModelBuffer(builder, root.pack(builder));
  return builder.asUint8Array();
}

/** The model of one case of an operator's specification. Its inputs are the tensors that the case feeds, in order. */
export function buildOpModel(op: string, c: OpCase, custom = false): Uint8Array {
  const tensors: TensorDescription[] = [];
  const add = (tensor: TensorDescription) => tensors.push(tensor) - 1;
  const computed = new Map<TensorSpec, number>();
  const take = (spec: TensorSpec | null) => {
    if (!spec) return -1;
    const { data, constant, variable: isVariable, ...tensor } = spec;
    const stored = data && tensor.dtype === 'string' ? packStrings(textsOf(data)) : data;
    return computed.get(spec) ?? add({ ...tensor, isVariable, data: constant ? stored : undefined });
  };
  const give = (spec: TensorSpec) => {
    computed.set(spec, add(spec));
    return tensors.length - 1;
  };
  const nodeOf = ({ op, options, inputs, outputs }: NodeSpec): OperatorDescription => ({
    op,
    options,
    inputs: inputs.map(take),
    outputs: outputs.map(give),
  });
  const before = (c.before ?? []).map(nodeOf);
  const inputs = c.inputs.map(take);
  const fed = inputs.filter((_, i) => {
    const spec = c.inputs[i];
    return spec && !spec.constant && !spec.variable && !computed.has(spec);
  });
  const outputs = c.outputs.map(give);
  const intermediates = c.intermediates?.map(add);
  const { body, customOptions, version } = c;
  // Operators that look at a subgraph name it each in their own way.
  const link = op === 'STABLEHLO_SCATTER' ? 'updateComputationSubgraphIndex' : 'bodySubgraphIndex';
  const options = body === undefined ? c.options : { ...c.options, [link]: 1 };
  const operator = { op, custom, version, inputs, outputs, intermediates, options, customOptions };
  const after = (c.after ?? []).map(nodeOf);
  const main = {
    name: 'main',
    tensors,
    inputs: fed,
    outputs: [...outputs, ...after.flatMap((node) => node.outputs)],
    operators: [...before, operator, ...after],
  };
  return buildModel({ subgraphs: body === undefined ? [main] : [main, bodyOf(body, c.outputs[0]!.dtype)] });
}

/** A subgraph of one operator of two scalars; without an operator, of the second alone. */
function bodyOf(op: string, dtype: DType): SubgraphDescription {
  const tensors = [0, 1, 2].map(() => ({ dtype, shape: [] }));
  const operators = op ? [{ op, inputs: [0, 1], outputs: [2] }] : [];
  return { name: 'body', tensors, inputs: [0, 1], outputs: [op ? 2 : 1], operators };
}

/** The bytes of a constant string tensor. */
export function packStrings(strings: readonly string[]): Uint8Array {
  const encoded = strings.map((s) => new TextEncoder().encode(s));
  const header = new Int32Array(strings.length + 2);
  header[0] = strings.length;
  header[1] = header.byteLength;
  for (const [i, bytes] of encoded.entries()) header[i + 2] = header[i + 1]! + bytes.length;
  return Uint8Array.from([...new Uint8Array(header.buffer), ...encoded.flatMap((bytes) => [...bytes])]);
}

function tensorOf(tensor: TensorDescription, index: number, store: (data: Uint8Array) => number): tflite.TensorT {
  const { data, quantization: q, quantizationDetails: details, sparsity } = tensor;
  const result = new tflite.TensorT([...tensor.shape], DTYPES.indexOf(tensor.dtype));
  result.name = tensor.name ?? `t${index}`;
  result.shapeSignature = [...(tensor.shapeSignature ?? [])];
  result.hasRank = true;
  result.isVariable = tensor.isVariable ?? false;
  if (data) result.buffer = store(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (q || details) {
    result.quantization = new tflite.QuantizationParametersT();
    result.quantization.scale = [...(q?.scale ?? [])];
    result.quantization.zeroPoint = (q?.zeroPoint ?? []).map(BigInt);
    result.quantization.quantizedDimension = q?.axis ?? 0;
  }
  if (details) {
    const { kind, ...fields } = details;
    if (kind === 'CustomQuantization') throw new TypeError('cannot write custom quantization');
    result.quantization!.detailsType = tflite.QuantizationDetails[kind];
    const table =
      kind === 'BlockwiseQuantization' ? new tflite.BlockwiseQuantizationT() : new tflite.MultiAxisQuantizationT();
    result.quantization!.details = Object.assign(table, fields);
  }
  if (sparsity) result.sparsity = sparsityOf(sparsity);
  return result;
}

/** Plain arrays are written as int32. */
function indexVector(list: Indices) {
  const { Int32Vector, Uint16Vector, Uint8Vector } = tflite.SparseIndexVector;
  if (list instanceof Uint16Array) return [Uint16Vector, new tflite.Uint16VectorT([...list])] as const;
  if (list instanceof Uint8Array) return [Uint8Vector, new tflite.Uint8VectorT([...list])] as const;
  return [Int32Vector, new tflite.Int32VectorT([...list])] as const;
}

function sparsityOf({ traversalOrder, blockMap, dimensions }: SparsityDefinition): tflite.SparsityParametersT {
  const metadata = dimensions.map(({ format, denseSize, segments, indices }) => {
    const result = new tflite.DimensionMetadataT(tflite.DimensionType[format], denseSize);
    if (format === 'SPARSE_CSR') {
      [result.arraySegmentsType, result.arraySegments] = indexVector(segments);
      [result.arrayIndicesType, result.arrayIndices] = indexVector(indices);
    }
    return result;
  });
  return new tflite.SparsityParametersT([...traversalOrder], [...blockMap], metadata);
}

function operatorOf(operator: OperatorDescription, code: number): tflite.OperatorT {
  const { op, custom, options = {}, customOptions } = operator;
  const result = new tflite.OperatorT(code, [...operator.inputs], [...operator.outputs]);
  result.intermediates = [...(operator.intermediates ?? [])];
  if (customOptions) result.customOptions = [...customOptions];
  const kind = custom ? undefined : OPTIONS[op];
  if (!kind) {
    if (Object.keys(options).length) throw new TypeError(`${op} has no options`);
    return result;
  }
  const table = optionsTable(kind.table, options, kind.types);
  if (kind.union === 'BuiltinOptions') {
    result.builtinOptionsType = enumValue('BuiltinOptions', kind.table);
    result.builtinOptions = table as typeof result.builtinOptions;
  } else {
    result.builtinOptions2Type = enumValue('BuiltinOptions2', kind.table);
    result.builtinOptions2 = table as typeof result.builtinOptions2;
  }
  return result;
}

/** An object of the generated class `table`, with enums as numbers and 64-bit fields as bigints. */
function optionsTable(table: string, options: OperatorOptions, types: Readonly<Record<string, string>>): object {
  const Table = (tflite as unknown as Record<string, new () => Record<string, unknown>>)[`${table}T`]!;
  const result = new Table();
  for (const [name, value] of Object.entries(options)) {
    if (!(name in result)) throw new TypeError(`${table} has no field '${name}'`);
    const convert = (v: unknown): unknown => {
      const type = types[name];
      if (!type) return v;
      return type === 'long' ? BigInt(v as number) : enumValue(type, v as string);
    };
    result[name] =
      Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as [], convert) : convert(value);
  }
  return result;
}

function enumValue(name: string, value: string): number {
  const number = (tflite as unknown as Record<string, Record<string, number>>)[name]?.[value];
  if (typeof number !== 'number') throw new TypeError(`${name} has no value ${value}`);
  return number;
}

/** Data aligned to 16 bytes, as the schema asks and flatc's TypeScript does not. */
class AlignedBuffer extends tflite.BufferT {
  constructor(readonly bytes: Uint8Array = new Uint8Array()) {
    super();
  }

  override pack(builder: flatbuffers.Builder): flatbuffers.Offset {
    if (this.bytes.length === 0) return tflite.Buffer.createBuffer(builder, 0, 0n, 0n);
    builder.startVector(1, this.bytes.length, 16);
    for (let i = this.bytes.length - 1; i >= 0; i--) builder.addInt8(this.bytes[i]!);
    return tflite.Buffer.createBuffer(builder, builder.endVector(), 0n, 0n);
  }
}
