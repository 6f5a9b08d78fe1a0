import { FlatbufferReader } from './flatbuffer.js';
import type { ModelDefinition } from './model.js';
import { LAYOUT } from './schema/generated/metadata-layout.js';

/**
 * TFLite Metadata of a model, as schema/metadata.fbs has it with names in camelCase: enums by name, unions as
 * `{ type, value }`, absent strings and lists empty, absent tables null; what is newer than the schema reads as 'UNKNOWN' or null.
 */
export interface ModelMetadata {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly license: string;
  readonly minParserVersion: string;
  readonly subgraphMetadata: readonly SubgraphMetadata[];
  readonly associatedFiles: readonly AssociatedFileMetadata[];
}

export interface SubgraphMetadata {
  readonly name: string;
  readonly description: string;
  /** In the order of the subgraph's inputs. */
  readonly inputTensorMetadata: readonly TensorMetadata[];
  readonly outputTensorMetadata: readonly TensorMetadata[];
  readonly associatedFiles: readonly AssociatedFileMetadata[];
  readonly inputProcessUnits: readonly ProcessUnit[];
  readonly outputProcessUnits: readonly ProcessUnit[];
  readonly inputTensorGroups: readonly TensorGroup[];
  readonly outputTensorGroups: readonly TensorGroup[];
  readonly customMetadata: readonly { readonly name: string; readonly data: Uint8Array | null }[];
}

/** Tensors, by the names in their metadata, whose elements belong together. */
export interface TensorGroup {
  readonly name: string;
  readonly tensorNames: readonly string[];
}

/** A step before or after the model. */
export interface ProcessUnit {
  readonly options: ProcessUnitOptions | null;
}

export interface TensorMetadata {
  readonly name: string;
  readonly description: string;
  readonly dimensionNames: readonly string[];
  readonly content: {
    readonly contentProperties: ContentProperties | null;
    /** The dimensions that hold the content; null: all but the batch. */
    readonly range: { readonly min: number; readonly max: number } | null;
  } | null;
  readonly processUnits: readonly ProcessUnit[];
  readonly stats: { readonly max: readonly number[]; readonly min: readonly number[] } | null;
  readonly associatedFiles: readonly AssociatedFileMetadata[];
}

export interface AssociatedFileMetadata {
  readonly name: string;
  readonly description: string;
  readonly type:
    | 'UNKNOWN'
    | 'DESCRIPTIONS'
    | 'TENSOR_AXIS_LABELS'
    | 'TENSOR_VALUE_LABELS'
    | 'TENSOR_AXIS_SCORE_CALIBRATION'
    | 'VOCABULARY'
    | 'SCANN_INDEX_FILE';
  readonly locale: string;
  readonly version: string;
}

export type ContentProperties =
  | { readonly type: 'FeatureProperties'; readonly value: object }
  | {
      readonly type: 'ImageProperties';
      readonly value: {
        readonly colorSpace: 'UNKNOWN' | 'RGB' | 'GRAYSCALE';
        readonly defaultSize: { readonly width: number; readonly height: number } | null;
      };
    }
  | {
      readonly type: 'BoundingBoxProperties';
      readonly value: {
        readonly index: readonly number[];
        readonly type: 'UNKNOWN' | 'BOUNDARIES' | 'UPPER_LEFT' | 'CENTER';
        readonly coordinateType: 'RATIO' | 'PIXEL' | 'UNKNOWN';
      };
    }
  | { readonly type: 'AudioProperties'; readonly value: { readonly sampleRate: number; readonly channels: number } };

/** `(x - mean) / std`, one value for all channels or one a channel. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export type ProcessUnitOptions =
  | { readonly type: 'NormalizationOptions'; readonly value: Normalization }
  | {
      readonly type: 'ScoreCalibrationOptions';
      readonly value: {
        readonly scoreTransformation: 'IDENTITY' | 'LOG' | 'INVERSE_LOGISTIC' | 'UNKNOWN';
        readonly defaultScore: number;
      };
    }
  | { readonly type: 'ScoreThresholdingOptions'; readonly value: { readonly globalScoreThreshold: number } }
  | {
      readonly type: 'BertTokenizerOptions' | 'SentencePieceTokenizerOptions' | 'RegexTokenizerOptions';
      readonly value: {
        readonly vocabFile: readonly AssociatedFileMetadata[];
        readonly sentencePieceModel?: readonly AssociatedFileMetadata[];
        readonly delimRegexPattern?: string;
      };
    };

/** A file that travels with the model, in the zip archive behind it. */
export interface AssociatedFile {
  /** As the archive has it: not safe to use as a path. */
  readonly name: string;
  /** Bytes of the contents. */
  readonly size: number;
  /** @throws ModelFormatError where the archive is damaged */
  read(): Promise<Uint8Array>;
}

/** More than any label file or vocabulary; a bound for archives that unpack to far more than they are. */
const MAX_FILE = 2 ** 26;

/**
 * The model's TFLite Metadata, or null where it has none.
 * @throws ModelFormatError where it is damaged
 */
export function readMetadata(bytes: Uint8Array, { metadata, buffers }: ModelDefinition): ModelMetadata | null {
  const entry = metadata.find(({ name }) => name === 'TFLITE_METADATA');
  if (!entry) return null;
  const { offset, size } = buffers[entry.buffer]!;
  return new FlatbufferReader(bytes.subarray(offset, offset + size), LAYOUT, 'metadata').root(
    'M001',
    LAYOUT.tables.ModelMetadata!,
  );
}

/** The normalization that the metadata states for an input. */
export function normalizationOf(metadata: ModelMetadata | null, input = 0): Normalization | null {
  for (const { options } of metadata?.subgraphMetadata[0]?.inputTensorMetadata[input]?.processUnits ?? []) {
    if (options?.type !== 'NormalizationOptions') continue;
    const { mean, std } = options.value;
    if (mean.length && std.length) return { mean, std };
  }
  return null;
}

/**
 * The files in the archive behind a model; none where there is no archive.
 * @param bytes gives the .tflite file; called anew for each access, since views of growing memory do not last
 * @throws ModelFormatError where the archive's directory is damaged
 */
export function associatedFiles(bytes: () => Uint8Array): AssociatedFile[] {
  const file = bytes();
  const archive = new FlatbufferReader(file, LAYOUT, 'the archive behind the model');
  const check: Check = (condition, message) => {
    if (!condition) archive.fail(message);
  };
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  // The directory's end: 22 bytes, and a comment of up to 64 KiB.
  let end = file.length - 22;
  const last = Math.max(0, end - 0xffff);
  while (end >= last && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < last || end < 0) return [];
  const count = view.getUint16(end + 10, true);
  const start = end - view.getUint32(end + 12, true);
  // Some writers count offsets from the beginning of the archive, some from that of the file.
  const base = start - view.getUint32(end + 16, true);
  check(base >= 0, 'has a directory outside the file');
  const files: AssociatedFile[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    check(at + 46 <= end && view.getUint32(at, true) === 0x02014b50, 'has a damaged directory');
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const header = base + view.getUint32(at + 42, true);
    check(nameEnd <= end, 'has a damaged directory');
    const name = new TextDecoder().decode(file.slice(at + 46, nameEnd));
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    const read = async () => {
      const data = member(check, bytes(), header, packed, start);
      check(!(flags & 1), `'${name}' is encrypted`);
      check(size <= MAX_FILE, `'${name}' has ${size} bytes, more than ${MAX_FILE}`);
      check(method === 0 || method === 8, `'${name}' is packed by the unknown method ${method}`);
      const contents = method === 0 ? data : await inflate(check, data, size, name);
      check(contents.length === size, `'${name}' has ${contents.length} bytes, expected ${size}`);
      return contents;
    };
    if (!name.endsWith('/')) files.push({ name, size, read });
  }
  return files;
}

/**
 * The labels of an output, one a line of its file: of the output given by its position, else of the first that has
 * labels, else of the model. Null where there are none.
 */
export async function readLabels(
  bytes: () => Uint8Array,
  metadata: ModelMetadata | null,
  output?: number,
): Promise<string[] | null> {
  const files = associatedFiles(bytes);
  const [main] = metadata?.subgraphMetadata ?? [];
  const outputs = main?.outputTensorMetadata ?? [];
  const tensors = output === undefined ? outputs : outputs.slice(output, output + 1);
  const described = tensors.flatMap((tensor) => tensor.associatedFiles);
  if (output === undefined) described.push(...(main?.associatedFiles ?? []), ...(metadata?.associatedFiles ?? []));
  const isLabels = ({ type }: AssociatedFileMetadata) => type.startsWith('TENSOR_') && type.endsWith('LABELS');
  const names = described.filter(isLabels).map(({ name }) => name);
  // Archives without metadata: a file whose name says it.
  const file =
    files.find(({ name }) => names.includes(name)) ??
    (output === undefined ? files.find(({ name }) => /label.*\.txt$/i.test(name)) : undefined);
  if (!file) return null;
  const lines = new TextDecoder().decode(await file.read()).split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

type Check = (condition: boolean, message: string) => void;

/** A copy of the packed bytes of the member whose local header is at `header`. */
function member(check: Check, file: Uint8Array, header: number, packed: number, end: number): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  check(header + 30 <= end && view.getUint32(header, true) === 0x04034b50, 'has a damaged file header');
  const data = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  check(data + packed <= end, 'has a file that runs past its end');
  return file.slice(data, data + packed);
}

/** Unpacks, but never more than `size` bytes. */
async function inflate(check: Check, data: Uint8Array, size: number, name: string): Promise<Uint8Array> {
  const contents = new Uint8Array(Math.min(size, 1040 * data.length));
  let at = 0;
  try {
    const reader = new Blob([data as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream('deflate-raw'))
      .getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return contents.subarray(0, at);
      if (at + value.length > contents.length) {
        await reader.cancel();
        break;
      }
      contents.set(value, at);
      at += value.length;
    }
  } catch (error) {
    check(false, `'${name}': ${(error as Error).message}`);
  }
  check(false, `'${name}' unpacks to more than its ${size} bytes`);
  return contents;
}
