// SentencePiece: splits text into the pieces of a vocabulary, by their scores (unigram) or by merging neighbours (BPE).
// The model is the library's own message, ModelProto.
import { ModelFormatError } from '../../errors.js';
import { encodeString, toBinary } from '../../graph/strings.js';
import { Message } from './protobuf.js';
import { characterAt, encodeCharacter } from './text.js';
import { Trie } from './trie.js';

export interface Token {
  readonly text: string;
  readonly id: number;
}

interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: number;
}

const [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED] = [1, 2, 3, 4, 5];
const [UNIGRAM, BPE] = [1, 2];
const SPACE = encodeCharacter(0x2581);
/** What an unknown character costs beyond the least likely piece. */
const PENALTY = 10;

/** Rules that rewrite text before it is split: keys in a trie, with what they become one after the other, ended by zeros. */
class Normalizer {
  readonly #trie: Trie;
  readonly #replacements: string;
  readonly #addPrefix: boolean;
  readonly #trim: boolean;
  readonly #escape: boolean;

  constructor(
    specification: Message,
    readonly suffix: boolean,
    readonly userDefined: readonly string[],
  ) {
    const map = specification.bytes(2) ?? new Uint8Array();
    const size = map.length >= 4 ? new DataView(map.buffer, map.byteOffset).getUint32(0, true) : 0;
    if (size % 4 || 4 + size > Math.max(4, map.length))
      throw new ModelFormatError(`SentencePiece: rules of ${size} bytes`);
    this.#trie = new Trie(new Uint32Array(map.slice(4, 4 + size).buffer));
    this.#replacements = toBinary(map.subarray(4 + size));
    const flag = (field: number) => (specification.integer(field) ?? 1) !== 0;
    this.#addPrefix = flag(3);
    this.#trim = flag(4);
    this.#escape = flag(5);
  }

  #next(text: string, at: number): { text: string; length: number } {
    const own = this.userDefined.find((piece) => text.startsWith(piece, at));
    if (own) return { text: own, length: own.length };
    const rule = this.#trie.longest(text, at);
    if (rule) {
      const end = this.#replacements.indexOf('\0', rule.value);
      return { text: this.#replacements.slice(rule.value, end < 0 ? undefined : end), length: rule.length };
    }
    const { length, valid } = characterAt(text, at);
    return valid ? { text: text.slice(at, at + length), length } : { text: encodeCharacter(0xfffd), length: 1 };
  }

  normalize(text: string): string {
    let normal = '';
    // Of spaces in a row one is kept, none at the beginning and the end.
    let afterSpace = this.#trim;
    for (let at = 0; at < text.length; ) {
      const next = this.#next(text, at);
      at += next.length;
      const kept = afterSpace ? next.text.replace(/^ +/, '') : next.text;
      if (kept) afterSpace = this.#trim && kept.endsWith(' ');
      normal += kept;
    }
    if (this.#trim) normal = normal.replace(/ +$/, '');
    if (!normal) return '';
    if (this.#addPrefix) normal = this.suffix ? `${normal} ` : ` ${normal}`;
    return this.#escape ? normal.replaceAll(' ', SPACE) : normal;
  }
}

export class SentencePiece {
  readonly #pieces: readonly Piece[];
  /** Of the pieces that text is split into, and of all others. */
  readonly #ids = new Map<string, number>();
  readonly #reserved = new Map<string, number>();
  readonly #normalizer: Normalizer;
  readonly #kind: number;
  readonly #byteFallback: boolean;
  readonly #unknown: number;
  readonly #longest: number;
  readonly #least: number;
  readonly #most: number;
  readonly #userDefined: readonly string[];

  constructor(bytes: Uint8Array) {
    const model = new Message(bytes);
    this.#pieces = model.list(1).map((bytes) => {
      const piece = new Message(bytes);
      const text = toBinary(piece.bytes(1) ?? new Uint8Array());
      return { text, score: piece.floats(2)[0] ?? 0, type: piece.integer(3) ?? NORMAL };
    });
    for (const [id, { text, type }] of this.#pieces.entries()) {
      (isPart(type) ? this.#ids : this.#reserved).set(text, id);
    }
    const trainer = model.message(2);
    this.#kind = trainer.integer(3) ?? UNIGRAM;
    this.#byteFallback = !!trainer.integer(35);
    if (this.#kind !== UNIGRAM && this.#kind !== BPE) throw new ModelFormatError(`SentencePiece: kind ${this.#kind}`);
    this.#unknown = this.#pieces.findIndex(({ type }) => type === UNKNOWN);
    if (this.#unknown < 0) throw new ModelFormatError('SentencePiece: no piece for what is unknown');
    const scores = this.#pieces.filter(({ type }) => type === NORMAL).map(({ score }) => score);
    this.#least = scores.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    this.#most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    this.#longest = this.#pieces.reduce((most, { text }) => Math.max(most, text.length), 0);
    this.#userDefined = this.#pieces
      .filter(({ type }) => type === USER_DEFINED)
      .map(({ text }) => text)
      .sort((a, b) => b.length - a.length);
    this.#normalizer = new Normalizer(model.message(3), !!trainer.integer(24), this.#userDefined);
  }

  /** The piece that begins or ends sentences. */
  control(text: string): Token {
    const id = this.#reserved.get(text);
    if (id === undefined || this.#pieces[id]!.type !== CONTROL)
      throw new ModelFormatError(`SentencePiece: no piece ${text}`);
    return { text, id };
  }

  encode(text: string): Token[] {
    const normal = this.#normalizer.normalize(text);
    const parts = this.#kind === BPE ? this.#merge(normal) : this.#mostLikely(normal);
    const tokens: Token[] = [];
    for (const text of parts) {
      const id = this.#ids.get(text) ?? this.#reserved.get(text) ?? this.#unknown;
      const before = tokens.at(-1);
      if (id !== this.#unknown) tokens.push({ text, id });
      else if (this.#byteFallback) {
        for (let i = 0; i < text.length; i++) {
          const byte = `<0x${text.charCodeAt(i).toString(16).toUpperCase().padStart(2, '0')}>`;
          tokens.push({ text: byte, id: this.#reserved.get(byte) ?? this.#unknown });
        }
      } else if (before?.id === this.#unknown) tokens[tokens.length - 1] = { text: before.text + text, id };
      else tokens.push({ text, id });
    }
    return tokens;
  }

  /** The parts with the highest sum of scores. */
  #mostLikely(text: string): string[] {
    const scores = new Float32Array(text.length + 1);
    const from = new Int32Array(text.length + 1).fill(-1);
    const offer = (at: number, end: number, score: number) => {
      const sum = Math.fround(scores[at]! + score);
      if (from[end]! >= 0 && !(sum > scores[end]!)) return;
      scores[end] = sum;
      from[end] = at;
    };
    for (let at = 0; at < text.length; ) {
      const { length } = characterAt(text, at);
      let known = false;
      for (let size = length; size <= this.#longest && at + size <= text.length; size++) {
        const id = this.#ids.get(text.slice(at, at + size));
        if (id === undefined) continue;
        const { score, type } = this.#pieces[id]!;
        if (type === UNUSED) continue;
        // What the user defined always wins.
        offer(at, at + size, Math.fround(type === USER_DEFINED ? size * this.#most - 0.1 : score));
        known ||= size === length;
      }
      if (!known) offer(at, at + length, Math.fround(this.#least - PENALTY));
      at += length;
    }
    const parts: string[] = [];
    for (let end = text.length; end > 0; end = from[end]!) parts.unshift(text.slice(from[end], end));
    return parts;
  }

  /** Characters, of which the pair with the best score is merged as long as there is one. */
  #merge(text: string): string[] {
    const parts: { text: string; fixed: boolean }[] = [];
    for (let at = 0; at < text.length; at += parts.at(-1)!.text.length) {
      const own = this.#userDefined.find((piece) => text.startsWith(piece, at));
      parts.push({ text: own ?? text.slice(at, at + characterAt(text, at).length), fixed: own !== undefined });
    }
    const halves = new Map<string, readonly [string, string]>();
    for (;;) {
      let best = -1;
      let bestScore = Number.NEGATIVE_INFINITY;
      for (let i = 1; i < parts.length; i++) {
        const [left, right] = [parts[i - 1]!, parts[i]!];
        if (left.fixed || right.fixed) continue;
        const id = this.#ids.get(left.text + right.text);
        if (id === undefined || !(this.#pieces[id]!.score > bestScore)) continue;
        [best, bestScore] = [i, this.#pieces[id]!.score];
      }
      if (best < 0) break;
      const [left, right] = [parts[best - 1]!.text, parts[best]!.text];
      halves.set(left + right, [left, right]);
      parts.splice(best - 1, 2, { text: left + right, fixed: false });
    }
    /** Unused pieces are steps on the way only. */
    const split = (text: string): string[] => {
      const id = this.#ids.get(text);
      const made = halves.get(text);
      return id !== undefined && made && this.#pieces[id]!.type === UNUSED ? made.flatMap(split) : [text];
    };
    return parts.flatMap(({ text }) => split(text));
  }
}

const isPart = (type: number) => type === NORMAL || type === USER_DEFINED || type === UNUSED;

export const [BEGIN, END] = [encodeString('<s>'), encodeString('</s>')];
