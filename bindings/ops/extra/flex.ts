// TensorFlow's operators in a TFLite model: named Flex and their name, their options are a list of that and a NodeDef message.
import { invalid, type OpNode } from '../../graph/ir.js';
import { toBinary, toBytes } from '../../graph/strings.js';
import { readFlexbuffer } from '../../model/flexbuffer.js';
import { Message } from './protobuf.js';

/** Fields of AttrValue and of its lists. */
const LIST = 1;
const S = 2;
const I = 3;
const B = 5;

/** A node's attributes. */
export class Attributes {
  readonly #values: ReadonlyMap<string, Message>;

  constructor(readonly node: OpNode) {
    const options = readFlexbuffer(node.customOptions ?? new Uint8Array(), toBinary);
    const [, definition] = Array.isArray(options) ? options : [];
    if (typeof definition !== 'string') throw invalid(node, 'its options have no NodeDef');
    const attributes = new Message(toBytes(definition)).list(5).map((bytes) => new Message(bytes));
    this.#values = new Map(attributes.map((attribute) => [attribute.text(1), attribute.message(2)]));
  }

  #value(name: string): Message {
    const value = this.#values.get(name);
    if (!value) throw invalid(this.node, `attribute '${name}' is missing`);
    return value;
  }

  integer(name: string): number {
    return this.#value(name).integer(I) ?? 0;
  }

  boolean(name: string): boolean {
    return !!this.#value(name).integer(B);
  }

  bytes(name: string): Uint8Array {
    return this.#value(name).bytes(S) ?? new Uint8Array();
  }

  text(name: string): string {
    return this.#value(name).text(S);
  }

  texts(name: string): string[] {
    return this.#value(name)
      .message(LIST)
      .list(S)
      .map((bytes) => new TextDecoder().decode(bytes));
  }
}

const known = new WeakMap<Uint8Array, Attributes>();

export function attributesOf(node: OpNode): Attributes {
  const { customOptions } = node;
  const before = customOptions && known.get(customOptions);
  if (before) return before;
  const attributes = new Attributes(node);
  if (customOptions) known.set(customOptions, attributes);
  return attributes;
}
