// Reader of protocol buffers, as far as TensorFlow's operators keep their attributes, models and examples in them.
import { ModelFormatError } from '../../errors.js';

/** A message: all values of a field by its number. Numbers of fixed width are left as bytes. */
export class Message {
  readonly #fields = new Map<number, (bigint | Uint8Array)[]>();

  constructor(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; ) {
      const tag = varint(bytes, at);
      at = tag.end;
      const kind = Number(tag.value & 7n);
      let value: bigint | Uint8Array;
      if (kind === 0) {
        ({ value, end: at } = varint(bytes, at));
      } else {
        let size = kind === 1 ? 8 : 4;
        if (kind === 2) {
          const length = varint(bytes, at);
          size = Number(length.value);
          at = length.end;
        } else if (kind !== 1 && kind !== 5)
          throw new ModelFormatError(`protocol buffer: a field of wire type ${kind}`);
        if (!(size >= 0 && at + size <= bytes.length)) {
          throw new ModelFormatError(`protocol buffer: ${size} bytes at ${at} are outside its ${bytes.length} bytes`);
        }
        value = bytes.subarray(at, at + size);
        at += size;
      }
      const field = Number(tag.value >> 3n);
      const values = this.#fields.get(field);
      if (values) values.push(value);
      else this.#fields.set(field, [value]);
    }
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  /** All values of a repeated field of strings or messages. */
  list(field: number): Uint8Array[] {
    return this.#all(field).filter((value) => typeof value !== 'bigint');
  }

  /** The last value counts where there are more. */
  bytes(field: number): Uint8Array | undefined {
    return this.list(field).at(-1);
  }

  message(field: number): Message {
    return new Message(this.bytes(field) ?? new Uint8Array());
  }

  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  /** An integer or a boolean. */
  integer(field: number): number | undefined {
    const value = this.integers(field).at(-1);
    return value === undefined ? undefined : Number(value);
  }

  /** Repeated integers, packed or not. */
  integers(field: number): bigint[] {
    return this.#all(field).flatMap((value) => {
      if (typeof value === 'bigint') return value;
      const values: bigint[] = [];
      for (let at = 0; at < value.length; ) {
        const next = varint(value, at);
        values.push(next.value);
        at = next.end;
      }
      return values;
    });
  }

  /** Repeated floats, packed or not. */
  floats(field: number): number[] {
    return this.list(field).flatMap(({ buffer, byteOffset, byteLength }) => {
      const view = new DataView(buffer, byteOffset, byteLength);
      return Array.from({ length: byteLength >> 2 }, (_, i) => view.getFloat32(4 * i, true));
    });
  }

  #all(field: number): readonly (bigint | Uint8Array)[] {
    return this.#fields.get(field) ?? [];
  }
}

function varint(bytes: Uint8Array, at: number): { value: bigint; end: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value: BigInt.asIntN(64, value), end: at + i + 1 };
  }
  throw new ModelFormatError(`protocol buffer: no number at ${at}`);
}
