// Strings in operators: one character of a JavaScript string is a byte.
import { badShape, type OpNode } from '../../graph/ir.js';
import { encodeString } from '../../graph/strings.js';
import type { HostCall, HostResult } from '../shared/host.js';

/** More than any output here has: rather an error than no memory left. */
export const MOST = 2 ** 28;

export interface Character {
  /** The code point; U+FFFD for what is not UTF-8. */
  readonly code: number;
  readonly start: number;
  /** In bytes. */
  readonly length: number;
  readonly valid: boolean;
}

/** The character at a byte. What is not UTF-8 is taken in the largest parts that a character begins with, as Unicode recommends. */
export function characterAt(text: string, start: number): Character {
  const lead = text.charCodeAt(start);
  if (lead < 0x80) return { code: lead, start, length: 1, valid: true };
  const bad = (length: number) => ({ code: 0xfffd, start, length, valid: false });
  if (lead < 0xc2 || lead > 0xf4) return bad(1);
  const following = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  let code = lead & (0x3f >> following);
  // Not what a shorter sequence encodes, no surrogate, nothing beyond Unicode.
  let least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i <= following; i++) {
    const byte = text.charCodeAt(start + i);
    if (!(byte >= least && byte <= most)) return bad(i);
    code = (code << 6) | (byte & 0x3f);
    [least, most] = [0x80, 0xbf];
  }
  return { code, start, length: following + 1, valid: true };
}

export function characters(text: string): Character[] {
  const list: Character[] = [];
  for (let at = 0; at < text.length; at += list.at(-1)!.length) list.push(characterAt(text, at));
  return list;
}

export const encodeCharacter = (code: number): string => encodeString(String.fromCodePoint(code));

/** The strings of an input. */
export const texts = ({ inputs, strings }: HostCall, i: number): string[] =>
  Array.from(inputs[i]!.data as Int32Array, (id) => strings.get(id));

/** The numbers of an input. */
export const numbers = ({ inputs }: HostCall, i: number): number[] => Array.from(inputs[i]!.data as Int32Array, Number);

export const stringResult = (
  { strings }: HostCall,
  list: readonly string[],
  shape: readonly number[] = [list.length],
): HostResult => ({ shape, data: Int32Array.from(list, (text) => strings.id(text)) });

/** A vector of int32 or int64, as output `i` wants it. */
export function integerResult({ node }: HostCall, i: number, list: readonly number[]): HostResult {
  const data = node.outputs[i]!.dtype === 'int64' ? BigInt64Array.from(list, BigInt) : Int32Array.from(list);
  return { shape: [list.length], data };
}

/** Rows of values, one after the other, and where each begins. */
export function ragged<T>(rows: readonly (readonly T[])[]): { values: T[]; splits: number[] } {
  const splits = [0];
  for (const row of rows) splits.push(splits.at(-1)! + row.length);
  return { values: rows.flat(), splits };
}

/** Checks that row splits begin at 0, do not fall, and end at the number of values. */
export function checkSplits(node: OpNode, splits: readonly number[], values: number): void {
  if (splits[0] !== 0 || splits.at(-1) !== values || splits.some((at, i) => i > 0 && at < splits[i - 1]!)) {
    throw badShape(node, `row splits ${splits.slice(0, 8)} of ${values} values`);
  }
}
