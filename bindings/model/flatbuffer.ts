import { DTYPES } from '../dtype.js';
import { ModelFormatError } from '../errors.js';

/**
 * A flatbuffer schema as strings (see scripts/generate-schema.mjs). Tables: `name:type=default` for each field
 * in order of ids, `-` for ids that are not read. Types: one letter a scalar (`SIZES`), `s` string, `[T` vector of T,
 * `rT` the range of a vector of scalars, else the name of a table, enum or union.
 */
export interface Layout {
  readonly tables: Readonly<Record<string, string>>;
  /** Member tables; empty where the caller resolves the member itself. */
  readonly unions: Readonly<Record<string, string>>;
  /** Underlying scalar type, then the names of the values from 0 on. */
  readonly enums: Readonly<Record<string, string>>;
  /** Values newer than the schema are not errors: enums read as 'UNKNOWN', unions as null. */
  readonly lenient?: boolean;
}

interface Field {
  readonly name: string;
  readonly id: number;
  readonly type: Type;
  readonly fallback: number;
}

/** A type that a layout names. */
interface Type {
  /** A letter of `SIZES`, `s`, `r`, `[`, or `enum`, `union`, `table`. */
  readonly kind: string;
  /** Bytes that a table or vector holds of it. */
  readonly size: number;
  readonly name: string;
  /** Of a vector or range; what an enum is stored as. */
  readonly element?: Type;
  readonly names?: readonly string[];
}

/** A union value that was not resolved: number of the member, position of its table. */
export interface UnionValue {
  readonly type: number;
  readonly at: number;
}

/** Fields by camelCase name, in the shapes that the layout says. */
// biome-ignore lint/suspicious/noExplicitAny: one generic reader for all tables; callers give the table's type
type Table = any;

const SIZES: Record<string, number> = { '?': 1, b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, f: 4, l: 8, L: 8 };

/** As in Google's own verifier. */
const MAX_TABLES = 1_000_000;

const hasOwn = Object.hasOwn;

/**
 * Unpacks tables into plain objects and checks every offset, length and enum on the way, so that no byte of the
 * file is used before it is known to be there. Absent fields get their defaults: scalars as the schema says,
 * strings and vectors empty, tables, unions and ranges null, and so are byte vectors if empty. 64-bit integers are numbers where that is exact,
 * else bigints.
 *
 * Offsets may be shared, so a small file can describe a huge tree. Everything unpacked is therefore paid for from a
 * budget in proportion to the file's size, in about the bytes that it would take if nothing were shared.
 */
export class FlatbufferReader {
  readonly #view: DataView;
  readonly #decoder = new TextDecoder();
  readonly #fields = new Map<string, Field[]>();
  readonly #types = new Map<string, Type>();
  readonly #path: (string | number)[] = [];
  #budget: number;
  #tables = MAX_TABLES;

  constructor(
    readonly bytes: Uint8Array,
    readonly layout: Layout,
    readonly title: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = 2 * bytes.length + 2 ** 20;
  }

  /** The root table of a file with `identifier`; `fields` as in `Layout.tables`. */
  root(identifier: string, fields: string): Table {
    if (this.bytes.length < 8) this.fail(`is only ${this.bytes.length} bytes long`);
    const found = String.fromCharCode(...this.bytes.subarray(4, 8));
    if (found !== identifier) {
      this.fail(`has the identifier ${JSON.stringify(found)}, expected ${JSON.stringify(identifier)}`);
    }
    return this.table(this.#offset(0), fields);
  }

  /** The table at `at`, with `fields` as in `Layout.tables`. */
  table(at: number, fields: string): Table {
    const list = this.#parse(fields);
    if (--this.#tables < 0) this.fail('has too many tables');
    this.spend(4 * list.length + 8);
    const view = this.#view;
    this.#check(at, 4, 'table');
    const vtable = at - view.getInt32(at, true);
    this.#check(vtable, 4, 'vtable');
    const vtableSize = view.getUint16(vtable, true);
    const tableSize = view.getUint16(vtable + 2, true);
    if (vtableSize < 4 || tableSize < 4) this.fail('has a broken vtable');
    this.#check(vtable, vtableSize, 'vtable');
    this.#check(at, tableSize, 'table');

    /** Position of a field of `size` bytes, 0 where it is absent. */
    const locate = (id: number, size: number): number => {
      const entry = 4 + 2 * id;
      const offset = entry + 2 <= vtableSize ? view.getUint16(vtable + entry, true) : 0;
      if (offset && (offset < 4 || offset + size > tableSize)) this.fail('lies outside its table');
      return offset && at + offset;
    };

    const result: Table = {};
    const path = this.#path;
    const depth = path.length;
    for (const { name, id, type, fallback } of list) {
      path[depth] = name;
      if (type.kind === 'union') result[name] = this.#union(type.name, locate(id, 1), locate(id + 1, 4));
      else {
        const position = locate(id, type.size);
        result[name] = position ? this.#value(type, position) : initial(type, fallback);
      }
    }
    path.length = depth;
    return result;
  }

  /** What an empty table of these fields reads as. */
  defaults(fields: string): Table {
    const result: Table = {};
    for (const { name, type, fallback } of this.#parse(fields)) result[name] = initial(type, fallback);
    return result;
  }

  /** Pays for `bytes` more bytes of result. */
  spend(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) this.fail('unpacks to far more than its size');
  }

  /** Runs `body` with `name` added to what errors say about the place. */
  within<T>(name: string | number, body: () => T): T {
    this.#path.push(name);
    const result = body();
    this.#path.pop();
    return result;
  }

  fail(message: string): never {
    let where = this.title;
    for (const name of this.#path) where += typeof name === 'number' ? `[${name}]` : `.${name}`;
    // Names and lists in it come from the file, and may be of any length.
    throw new ModelFormatError(`${where} ${message}`.slice(0, 1000));
  }

  #check(at: number, size: number, what: string): void {
    if (!(at >= 0 && at + size <= this.bytes.length)) {
      this.fail(`points outside the file: ${what} of ${size} bytes at ${at}, the file has ${this.bytes.length}`);
    }
  }

  /** Follows the offset stored at `at`. */
  #offset(at: number): number {
    const offset = this.#view.getUint32(at, true);
    if (offset === 0) this.fail('is a null offset');
    this.#check(at + offset, 4, 'object');
    return at + offset;
  }

  #union(name: string, typeAt: number, at: number): UnionValue | { type: string; value: Table } | null {
    const type = typeAt && this.bytes[typeAt]!;
    if (!type || !at) return null;
    const position = this.#offset(at);
    const members = this.layout.unions[name]!;
    if (!members) return { type, at: position };
    const member = members.split(' ')[type - 1];
    if (member === undefined) {
      if (this.layout.lenient) return null;
      this.fail(`is a ${name} of unknown type ${type}`);
    }
    return { type: member, value: this.table(position, this.layout.tables[member]!) };
  }

  /** The value of type `type` whose inline part is at `at`. */
  #value(type: Type, at: number): unknown {
    const { kind, name, element, names } = type;
    switch (kind) {
      case 's':
        return this.#string(this.#offset(at));
      case 'r':
        return this.#vector(this.#offset(at), element!.size);
      case '[':
        return this.#list(element!, this.#vector(this.#offset(at), element!.size));
      case 'table':
        return this.table(this.#offset(at), this.layout.tables[name]!);
      case 'enum': {
        const value = Number(this.#scalar(element!.kind, at));
        const known = value < 0 ? undefined : names![value];
        return known ?? (this.layout.lenient ? 'UNKNOWN' : this.fail(`is an unknown ${name}: ${value}`));
      }
    }
    return this.#scalar(kind, at);
  }

  #list(element: Type, { offset, size }: { offset: number; size: number }): unknown {
    const width = element.size;
    this.spend(size * width);
    if (element.kind === 'B') return size ? this.bytes.slice(offset, offset + size) : null;
    const result: unknown[] = [];
    const path = this.#path;
    const depth = path.length;
    for (let i = 0; i < size; i++) {
      path[depth] = i;
      result.push(this.#value(element, offset + i * width));
    }
    path.length = depth;
    return result;
  }

  #scalar(kind: string, at: number): number | bigint | boolean {
    const view = this.#view;
    switch (kind) {
      case 'i':
        return view.getInt32(at, true);
      case 'I':
        return view.getUint32(at, true);
      case 'f':
        return view.getFloat32(at, true);
      case '?':
        return view.getUint8(at) !== 0;
      case 'b':
        return view.getInt8(at);
      case 'B':
        return view.getUint8(at);
      case 'h':
        return view.getInt16(at, true);
      case 'H':
        return view.getUint16(at, true);
    }
    const high = kind === 'l' ? view.getInt32(at + 4, true) : view.getUint32(at + 4, true);
    const number = high * 2 ** 32 + view.getUint32(at, true);
    if (Number.isSafeInteger(number)) return number;
    return kind === 'l' ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
  }

  /** Range and length of the vector at `at`, whose elements take `width` bytes. */
  #vector(at: number, width: number): { offset: number; size: number } {
    const size = this.#view.getUint32(at, true);
    this.#check(at + 4, size * width, 'vector');
    return { offset: at + 4, size };
  }

  #string(at: number): string {
    const { offset, size } = this.#vector(at, 1);
    this.spend(size);
    const part = this.bytes.slice(offset, offset + size);
    // Most strings are short names in ASCII, for which a decoder takes longer to be called than all the rest of reading a tensor.
    const text = size < 256 ? String.fromCharCode(...part) : '\x80';
    return /[\x80-\xff]/.test(text) ? this.#decoder.decode(part) : text;
  }

  #typeOf(name: string): Type {
    let type = this.#types.get(name);
    if (!type) {
      const { unions, enums } = this.layout;
      const [stored, ...names] =
        name === 'TensorType' ? TENSOR_TYPE : hasOwn(enums, name) ? enums[name]!.split(' ') : [];
      const inner = stored ?? ('[r'.includes(name[0]!) && name.slice(1));
      type = {
        kind: stored
          ? 'enum'
          : inner
            ? name[0]!
            : hasOwn(unions, name)
              ? 'union'
              : name === 's' || name in SIZES
                ? name
                : 'table',
        size: SIZES[stored ?? name] ?? 4,
        name,
        element: inner ? this.#typeOf(inner) : undefined,
        names,
      };
      this.#types.set(name, type);
    }
    return type;
  }

  #parse(text: string): Field[] {
    let fields = this.#fields.get(text);
    if (!fields) {
      fields = [];
      let id = 0;
      for (const token of text ? text.split(' ') : []) {
        const [, name, type = 'i', fallback = '0'] = /^([\w-]+)(?::([^=]+))?(?:=(.+))?$/.exec(token)!;
        if (name !== '-') fields.push({ name: name!, id, type: this.#typeOf(type), fallback: Number(fallback) });
        id += hasOwn(this.layout.unions, type) ? 2 : 1;
      }
      this.#fields.set(text, fields);
    }
    return fields;
  }
}

/** What an absent field reads as. */
function initial({ kind, element, names }: Type, fallback: number): unknown {
  if (kind in SIZES) return kind === '?' ? fallback === 1 : fallback;
  if (kind === '[') return element!.kind === 'B' ? null : [];
  return kind === 's' ? '' : (names?.[fallback] ?? null);
}

const TENSOR_TYPE = ['b', ...DTYPES.map((dtype) => dtype.toUpperCase())];
