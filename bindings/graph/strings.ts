// Tensors of strings hold numbers, as int32, by which a model's interpreters know the strings: whatever moves, compares or
// gathers elements works on them as on any other. Loaded on demand.
import { elementCount } from '../dtype.js';
import { TensorDataError } from '../errors.js';
import type { Tensor, TensorData } from '../tensor.js';
import { type ModelResources, readElements } from './compile.js';
import type { Graph } from './graph.js';
import { bytesOf, type Session } from './ir.js';

/** Strings that may be forgotten are looked for once there are so many new ones. */
const COLLECT_AT = 4096;

/** Strings are bytes: kept as JavaScript strings of one character a byte. */
export const toBinary = (bytes: Uint8Array) => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};
export const toBytes = (binary: string) => Uint8Array.from(binary, (character) => character.charCodeAt(0));
const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

export const encodeString = (text: string): string => (isAscii(text) ? text : toBinary(new TextEncoder().encode(text)));
export const decodeString = (binary: string): string =>
  isAscii(binary) ? binary : new TextDecoder().decode(toBytes(binary));

/** A string tensor's buffer: int32 count, count + 1 offsets from the buffer's beginning, then the bytes. */
export function unpackStrings(bytes: Uint8Array): string[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length >= 4 ? view.getInt32(0, true) : -1;
  if (!(count >= 0 && 4 * (count + 2) <= bytes.length)) return null;
  const offset = (i: number) => view.getInt32(4 + 4 * i, true);
  const strings: string[] = [];
  for (let i = 0; i < count; i++) {
    const [from, to] = [offset(i), offset(i + 1)];
    if (!(from >= 4 * (count + 2) && from <= to && to <= bytes.length)) return null;
    strings.push(toBinary(bytes.subarray(from, to)));
  }
  return strings;
}

/** The buffer of strings of one character a byte. */
export function pack(strings: readonly string[]): Uint8Array {
  const header = new Int32Array(strings.length + 2);
  let end = header.byteLength;
  header.set([strings.length, end]);
  for (const [i, { length }] of strings.entries()) {
    end += length;
    header[i + 2] = end;
  }
  const packed = new Uint8Array(end);
  packed.set(new Uint8Array(header.buffer));
  for (const [i, text] of strings.entries()) packed.set(toBytes(text), header[i + 1]!);
  return packed;
}

/** The strings of one model in one engine by number; 0 is the empty one, which variables hold at first. */
export class Strings {
  readonly #ids = new Map<string, number>([['', 0]]);
  readonly #strings: string[] = [''];
  readonly #free: number[] = [];
  /** Those that are never forgotten: what constants hold. */
  readonly #pinned = new Set([0]);
  readonly #sessions = new Set<Session>();
  #collectAt = COLLECT_AT;

  constructor(readonly resources: ModelResources) {}

  /** The number of a string (of one character a byte). */
  id(binary: string): number {
    let id = this.#ids.get(binary);
    if (id === undefined) {
      id = this.#free.pop() ?? this.#strings.length;
      this.#strings[id] = binary;
      this.#ids.set(binary, id);
    }
    return id;
  }

  get(id: number): string {
    return this.#strings[id]!;
  }

  /** Strings that are kept. */
  get size(): number {
    return this.#ids.size;
  }

  /** Puts numbers in place of the strings in a graph's constants. */
  convert({ values }: Graph, session: Session): void {
    const { engine, packed, packedPool } = this.resources;
    for (const value of values) {
      const { dtype, constant, shape } = value;
      if (dtype !== 'string') continue;
      this.#join(session);
      if (!constant || constant.id.startsWith('strings:') || constant.id.startsWith('fold:')) continue;
      const id = `strings:${constant.id}`;
      const bytes = 4 * elementCount(shape);
      let address = packed.get(id);
      if (address === undefined) {
        const { address: from, bytes: size } = constant;
        const ids = (unpackStrings(engine.bytes.slice(from, from + size)) ?? []).map((text) => this.id(text));
        for (const id of ids) this.#pinned.add(id);
        address = packedPool.allocate(bytes);
        engine.bytes.set(new Uint8Array(Int32Array.from(ids).buffer), address);
        packed.set(id, address);
      }
      value.constant = { id, address, bytes };
    }
  }

  #join(session: Session): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.add(session);
    session.owners.push({ reset() {}, release: () => this.#sessions.delete(session) });
  }

  /** Forgets strings that no tensor of an interpreter holds any more. */
  collect(): void {
    if (this.#ids.size < this.#collectAt) return;
    const used = new Set(this.#pinned);
    const { engine } = this.resources;
    for (const session of this.#sessions) {
      for (const { dtype, region } of session.kept?.() ?? []) {
        if (dtype !== 'string') continue;
        for (const id of new Int32Array(engine.memory.buffer, region.address, region.size >> 2)) used.add(id);
      }
      for (const runner of session.runners()) {
        for (const { id, dtype } of runner.graph.values) {
          if (dtype !== 'string') continue;
          const { value, address } = runner.locate(id);
          if (address === null) continue;
          for (const id of readElements(engine, value, address, bytesOf(value))) used.add(Number(id));
        }
      }
    }
    for (const [text, id] of this.#ids) {
      if (used.has(id)) continue;
      this.#ids.delete(text);
      this.#strings[id] = '';
      this.#free.push(id);
    }
    this.#collectAt = 2 * this.#ids.size + COLLECT_AT;
  }
}

const byModel = new WeakMap<ModelResources['packed'], Strings>();

export function stringsOf(resources: ModelResources): Strings {
  let strings = byModel.get(resources.packed);
  if (!strings) {
    strings = new Strings(resources);
    byModel.set(resources.packed, strings);
  }
  return strings;
}

/** What a tensor of strings does in place of copying elements. */
export const stringAccess = {
  read(tensor: Tensor): string[] {
    const strings = stringsOf(tensor.runner.resources);
    return Array.from(tensor.data() as Int32Array, (id) => decodeString(strings.get(id)));
  },

  bytes(tensor: Tensor): Uint8Array {
    const strings = stringsOf(tensor.runner.resources);
    return pack(Array.from(tensor.data() as Int32Array, (id) => strings.get(id)));
  },

  write(tensor: Tensor, data: TensorData): void {
    const strings = stringsOf(tensor.runner.resources);
    const list =
      data instanceof ArrayBuffer || data instanceof Uint8Array
        ? unpackStrings(new Uint8Array(data))
        : Array.from(data as ArrayLike<unknown>, (text) => {
            if (typeof text === 'string') return encodeString(text);
            if (text instanceof Uint8Array) return toBinary(text);
            throw new TensorDataError(`tensor '${tensor.name}': expected strings, found ${typeof text}`);
          });
    if (!list || list.length !== tensor.size) {
      const found = list ? `${list.length} strings` : 'bytes that are no table of strings';
      throw new TensorDataError(
        `tensor '${tensor.name}' (string [${tensor.shape}]): expected ${tensor.size}, found ${found}`,
      );
    }
    strings.collect();
    (tensor.data() as Int32Array).set(list.map((text) => strings.id(text)));
  },
};
