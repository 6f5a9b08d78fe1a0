import { ModelFormatError } from '../errors.js';

/**
 * Reader of FlexBuffers, the schema-less format in which most custom operators keep their options. A value is a
 * packed type (type << 2 | log2 of the byte width); scalars are stored in place, everything else as an offset backwards.
 * Source: FlatBuffers documentation, "FlexBuffers internals".
 */
export type FlexValue = null | number | boolean | string | FlexValue[] | FlexMap;
export interface FlexMap {
  readonly [key: string]: FlexValue;
}

const NULL = 0;
const INT = 1;
const UINT = 2;
const FLOAT = 3;
const KEY = 4;
const STRING = 5;
const MAP = 9;
const VECTOR = 10;
const FIRST_TYPED_VECTOR = 11;
const LAST_TYPED_VECTOR = 14;
/** Long deprecated: the size of their strings cannot be told, so they are read to their zeros, as keys are. */
const VECTOR_STRING = 15;
const FIRST_FIXED_VECTOR = 16;
const LAST_FIXED_VECTOR = 24;
const BOOL = 26;
const VECTOR_BOOL = 36;

/** More values than any operator's options have: nested offsets to shared parts could describe billions. */
const MAX_VALUES = 10_000;

class Reader {
  readonly #view: DataView;
  #values = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly decode: (bytes: Uint8Array) => string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #check(at: number, length: number): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length)) {
      throw new ModelFormatError(`flexbuffer: ${length} bytes at ${at} are outside its ${this.bytes.length} bytes`);
    }
  }

  #number(type: number, at: number, width: number): number {
    this.#check(at, width);
    const view = this.#view;
    if (type === FLOAT) {
      if (width === 4) return view.getFloat32(at, true);
      if (width === 8) return view.getFloat64(at, true);
      throw new ModelFormatError(`flexbuffer: a float of ${width} bytes`);
    }
    const unsigned = type !== INT;
    if (width === 1) return unsigned ? view.getUint8(at) : view.getInt8(at);
    if (width === 2) return unsigned ? view.getUint16(at, true) : view.getInt16(at, true);
    if (width === 4) return unsigned ? view.getUint32(at, true) : view.getInt32(at, true);
    return Number(unsigned ? view.getBigUint64(at, true) : view.getBigInt64(at, true));
  }

  /** Where the offset at `at` points to. */
  #target(at: number, width: number): number {
    return at - this.#number(UINT, at, width);
  }

  #text(from: number, to: number): string {
    this.#check(from, to - from);
    return this.decode(this.bytes.slice(from, to));
  }

  #key(at: number): string {
    const end = this.bytes.indexOf(0, at);
    return this.#text(at, end < 0 ? Number.NaN : end);
  }

  /** The value of packed type `packed` in `width` bytes at `at`. */
  value(packed: number, at: number, width: number): FlexValue {
    if (++this.#values > MAX_VALUES) throw new ModelFormatError('flexbuffer: too many values');
    const type = packed >> 2;
    if (type === NULL) return null;
    if (type === BOOL) return this.#number(UINT, at, width) !== 0;
    if (type <= FLOAT) return this.#number(type, at, width);
    const to = this.#target(at, width);
    const own = 1 << (packed & 3);
    if (type === KEY) return this.#key(to);
    // Indirect numbers follow the direct ones: the same types, behind an offset.
    if (type > STRING && type < MAP) return this.#number(type - STRING, to, own);
    // Vectors of two, three and four numbers have no stored length.
    const fixed = type >= FIRST_FIXED_VECTOR && type <= LAST_FIXED_VECTOR ? type - FIRST_FIXED_VECTOR : -1;
    const size = fixed >= 0 ? 2 + Math.floor(fixed / 3) : this.#number(UINT, to - own, own);
    if (type === STRING) return this.#text(to, to + size);
    if (type === MAP) return this.#map(to, own, size);
    let typed = 0;
    if (fixed >= 0) typed = INT + (fixed % 3);
    else if (type >= FIRST_TYPED_VECTOR && type <= LAST_TYPED_VECTOR) typed = INT + type - FIRST_TYPED_VECTOR;
    else if (type === VECTOR_BOOL) typed = BOOL;
    else if (type === VECTOR_STRING) typed = KEY;
    else if (type !== VECTOR) throw new ModelFormatError(`flexbuffer: values of type ${type} are not supported`);
    this.#check(to, size * own);
    return Array.from({ length: size }, (_, i) =>
      this.value(typed ? typed << 2 : this.#number(UINT, to + size * own + i, 1), to + i * own, own),
    );
  }

  #map(at: number, width: number, size: number): FlexMap {
    const keys = this.#target(at - 3 * width, width);
    const keyWidth = this.#number(UINT, at - 2 * width, width);
    this.#check(at, size * (width + 1));
    const map: Record<string, FlexValue> = Object.create(null);
    for (let i = 0; i < size; i++) {
      const key = this.#key(this.#target(keys + i * keyWidth, keyWidth));
      map[key] = this.value(this.#number(UINT, at + size * width + i, 1), at + i * width, width);
    }
    return map;
  }
}

const utf8 = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The root value of a flexbuffer, whose strings may be something else than text. */
export function readFlexbuffer(bytes: Uint8Array, decode = utf8): FlexValue {
  const width = bytes.at(-1);
  if (width !== 1 && width !== 2 && width !== 4 && width !== 8) {
    throw new ModelFormatError(`flexbuffer: ${bytes.length} bytes that end in ${width}, expected a byte width`);
  }
  return new Reader(bytes, decode).value(bytes.at(-2) ?? NULL, bytes.length - 2 - width, width);
}

/** The options of a custom operator as a map; empty where there are none. */
export function readFlexMap(bytes: Uint8Array | null): FlexMap {
  if (!bytes || bytes.length === 0) return {};
  const root = readFlexbuffer(bytes);
  if (root === null || typeof root !== 'object' || Array.isArray(root)) {
    throw new ModelFormatError('flexbuffer: expected a map');
  }
  return root;
}
