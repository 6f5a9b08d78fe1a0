// Writes the custom options of Flex nodes.
import * as flexbuffers from 'flatbuffers/js/flexbuffers.js';

type Attribute = number | boolean | string | Uint8Array | readonly string[];

const bytes = (text: string) => [...new TextEncoder().encode(text)];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

/** A field of a protocol buffer with bytes in it. */
export const field = (number: number, contents: readonly number[]): number[] => [
  ...varint(number * 8 + 2),
  ...varint(contents.length),
  ...contents,
];
export const integer = (number: number, value: number): number[] => [...varint(number * 8), ...varint(value)];
export const float = (number: number, value: number): number[] => [
  ...varint(number * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];
export { bytes };

function attributeValue(attribute: Attribute): number[] {
  if (typeof attribute === 'number') return integer(3, attribute);
  if (typeof attribute === 'boolean') return integer(5, Number(attribute));
  if (typeof attribute === 'string') return field(2, bytes(attribute));
  if (attribute instanceof Uint8Array) return field(2, [...attribute]);
  return field(
    1,
    attribute.flatMap((text) => field(2, bytes(text))),
  );
}

/** A flexbuffer with a vector of two strings, the second of which holds arbitrary bytes: more than the library writes. */
export function flexOptions(op: string, attributes: Readonly<Record<string, Attribute>> = {}): Uint8Array {
  const definition = [
    ...field(1, bytes('node')),
    ...field(2, bytes(op)),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      field(5, [...field(1, bytes(name)), ...field(2, attributeValue(value))]),
    ),
  ];
  // Everything 4 bytes wide: length, characters, 0; then the vector of offsets with its types; then the root.
  const out: number[] = [];
  const word = (value: number) => out.push(...new Uint8Array(Uint32Array.of(value).buffer));
  const text = (contents: readonly number[]) => {
    word(contents.length);
    const at = out.length;
    out.push(...contents, 0);
    while (out.length % 4) out.push(0);
    return at;
  };
  const strings = [text(bytes(op)), text(definition)];
  word(2);
  const vector = out.length;
  for (const at of strings) word(out.length - at);
  out.push((5 << 2) | 2, (5 << 2) | 2);
  while (out.length % 4) out.push(0);
  word(out.length - vector);
  out.push((10 << 2) | 2, 4);
  return Uint8Array.from(out);
}

export const mapOptions = (options: Readonly<Record<string, unknown>>): Uint8Array =>
  new Uint8Array(flexbuffers.encode(options));
