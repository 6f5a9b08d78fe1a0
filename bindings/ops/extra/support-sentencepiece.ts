// SentencePiece as TFLite Support has it: the model is a flatbuffer in a tensor, and text is split byte by byte.
import { ModelFormatError } from '../../errors.js';
import { badShape, input, invalid, type OpNode, type Session } from '../../graph/ir.js';
import { encodeString, toBinary } from '../../graph/strings.js';
import { FlatbufferReader, type Layout } from '../../model/flatbuffer.js';
import { type HostCall, hostOperator } from '../shared/host.js';
import { checkTypes } from './shared.js';
import { checkSplits, encodeCharacter, integerResult, numbers, ragged, stringResult, texts } from './text.js';
import { Trie } from './trie.js';

const LAYOUT: Layout = {
  tables: {
    EncoderConfig:
      'version:b startCode:i endCode:i unknownCode:i=-1 unknownPenalty:f encodingOffset:i pieces:Trie piecesScores:[f removeExtraWhitespaces:? addDummyPrefix:? escapeWhitespaces:? normalizedPrefixes:Trie normalizedReplacements:[B',
    DecoderConfig: 'version:b encodingOffset:i decodePieces:[s - - removeDummyPrefix:?',
    Trie: 'nodes:[I',
  },
  unions: {},
  enums: {},
};

interface EncoderConfig {
  readonly startCode: number;
  readonly endCode: number;
  readonly unknownCode: number;
  readonly unknownPenalty: number;
  readonly encodingOffset: number;
  readonly piecesScores: readonly number[];
  readonly removeExtraWhitespaces: boolean;
  readonly addDummyPrefix: boolean;
  readonly escapeWhitespaces: boolean;
}

function read(table: string, bytes: Uint8Array) {
  const reader = new FlatbufferReader(bytes, LAYOUT, 'SentencePiece model');
  if (bytes.length < 4) reader.fail(`has ${bytes.length} bytes`);
  const root = reader.table(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true), LAYOUT.tables[table]!);
  if (root.version !== 0) reader.fail(`is of the unknown version ${root.version}`);
  return root;
}

const trieOf = (table: { nodes: readonly number[] } | null) => new Trie(Uint32Array.from(table?.nodes ?? []));

export class Encoder {
  readonly #config: EncoderConfig;
  readonly #pieces: Trie;
  readonly #rules: Trie;
  readonly #replacements: string;

  constructor(bytes: Uint8Array) {
    const config = read('EncoderConfig', bytes);
    this.#config = config;
    this.#pieces = trieOf(config.pieces);
    this.#rules = trieOf(config.normalizedPrefixes);
    this.#replacements = toBinary(config.normalizedReplacements ?? new Uint8Array());
  }

  #normalize(text: string): string {
    const { addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces } = this.#config;
    if (!text) return '';
    const raw = addDummyPrefix ? ` ${text}` : text;
    let normal = '';
    for (let at = 0; at < raw.length; ) {
      const rule = this.#rules.longest(raw, at);
      const end = rule ? this.#replacements.indexOf('\0', rule.value) : -1;
      normal += rule ? this.#replacements.slice(rule.value, end < 0 ? undefined : end) : raw[at];
      at += rule?.length ?? 1;
    }
    if (removeExtraWhitespaces) normal = normal.replace(/[ \t\r\n]{2,}/g, ' ').replace(/[ \t\r\n]$/, '');
    return escapeWhitespaces ? normal.replace(/[ \t\r\n]/g, encodeCharacter(0x2581)) : normal;
  }

  encode(text: string, begin: boolean, end: boolean, reverse: boolean): number[] {
    const { startCode, endCode, unknownCode, unknownPenalty, encodingOffset, piecesScores } = this.#config;
    const normal = this.#normalize(text);
    const { length } = normal;
    const scores = new Float32Array(length + 1);
    const codes = new Int32Array(length + 1).fill(-1);
    const from = new Int32Array(length + 1).fill(-1);
    const offer = (at: number, to: number, score: number, code: number, start: number) => {
      const sum = Math.fround(scores[at]! + score);
      if (from[to]! >= 0 && !(scores[to]! < sum)) return;
      [scores[to], codes[to], from[to]] = [sum, code, start];
    };
    for (let at = 0; at < length; at++) {
      if (at > 0 && from[at]! < 0) continue;
      // Unknown bytes in a row are one code.
      const start = codes[at] === unknownCode && unknownCode >= 0 ? from[at]! : at;
      if (unknownCode >= 0) offer(at, at + 1, unknownPenalty, unknownCode, start);
      this.#pieces.prefixes(normal, at, (piece, size) => {
        const score = piecesScores[piece];
        if (score === undefined) throw new ModelFormatError(`SentencePiece model: piece ${piece} has no score`);
        offer(at, at + size, score, piece, at);
      });
    }
    const found = end ? [endCode] : [];
    if (from[length]! >= 0) {
      for (let at = length; at > 0; at = from[at]!) {
        found.push(codes[at] === unknownCode ? unknownCode : codes[at]! + encodingOffset);
      }
    }
    if (begin) found.push(startCode);
    return reverse ? found : found.reverse();
  }
}

interface DecoderConfig {
  readonly encodingOffset: number;
  readonly decodePieces: readonly string[];
  readonly removeDummyPrefix: boolean;
}

const known = new WeakMap<Session, Map<OpNode['index'], unknown>>();

/** The model in input 0, which is kept if it is constant. */
function modelOf<T>({ node, inputs, session }: HostCall, parse: (bytes: Uint8Array) => T): T {
  if (!node.inputs[0]!.constant) return parse(inputs[0]!.data as Uint8Array);
  const models = known.get(session) ?? new Map<number, unknown>();
  known.set(session, models);
  if (!models.has(node.index)) models.set(node.index, parse(inputs[0]!.data as Uint8Array));
  return models.get(node.index) as T;
}

function checkModel(node: OpNode): void {
  const { dtype } = input(node, 0);
  if (dtype !== 'uint8') throw invalid(node, `a model of type ${dtype}`);
}

export const supportSentencepieceTokenize = hostOperator({
  name: 'TFSentencepieceTokenizeOp',
  check(node) {
    checkModel(node);
    if (input(node, 1).dtype !== 'string') throw invalid(node, `input of type ${input(node, 1).dtype}`);
    checkTypes({ ...node, inputs: node.inputs.slice(4) }, ['bool', 'bool', 'bool'], ['int32', 'int32']);
  },
  run(call) {
    const model = modelOf(call, (bytes) => new Encoder(bytes));
    const [begin, end, reverse] = [4, 5, 6].map((i) => numbers(call, i)[0] === 1);
    const { values, splits } = ragged(texts(call, 1).map((text) => model.encode(text, begin!, end!, reverse!)));
    return [integerResult(call, 0, values), integerResult(call, 1, splits)];
  },
});

export const supportSentencepieceDetokenize = hostOperator({
  name: 'TFSentencepieceDetokenizeOp',
  check(node) {
    checkModel(node);
    checkTypes({ ...node, inputs: node.inputs.slice(1) }, ['int32', 'int32'], ['string']);
  },
  run(call) {
    const { node } = call;
    const { encodingOffset, decodePieces, removeDummyPrefix } = modelOf(
      call,
      (bytes): DecoderConfig => read('DecoderConfig', bytes),
    );
    const codes = numbers(call, 1);
    const splits = numbers(call, 2);
    checkSplits(node, splits, codes.length);
    const pieces = codes.map((code) => {
      const piece = decodePieces[code - encodingOffset];
      if (piece === undefined) throw badShape(node, `code ${code} of ${decodePieces.length}`);
      return encodeString(piece);
    });
    const rows = splits.slice(1).map((end, i) => {
      const row = pieces.slice(splits[i], end);
      if (removeDummyPrefix && row[0]?.startsWith(' ')) row[0] = row[0].slice(1);
      return row.join('');
    });
    return [stringResult(call, rows)];
  },
});
