// Values at addresses that somebody else gave: what calls deliver, variables of loops, resources. Loaded on demand.

import type { Alias, Operator } from '../ops/operator.js';
import type { Graph } from './graph.js';
import type { Known } from './ir.js';
import { bytesOf, type OpNode, type Value } from './ir.js';
import { type Lifetime, type StorageBlock, StoragePlan } from './storage.js';

/** The pinned values of a segment. Those at one address hold it one after the other. */
export class Pins {
  constructor(
    readonly graph: Graph,
    readonly addresses: Map<Value, number>,
  ) {}

  /** A value like `value` (or that itself, if it is the graph's) at an address: whoever makes it, writes there. */
  pin(value: Value, address: number): Value {
    const { values } = this.graph;
    const own = values[value.id] === value;
    const pinned = own ? value : { ...value, id: values.length, constant: null, isVariable: false };
    if (!own) values.push(pinned);
    this.addresses.set(pinned, address);
    return pinned;
  }

  /** The value that was pinned there last, else a new one: what was there before. */
  hold(value: Value, address: number): Value {
    const [last] = [...this.addresses].filter((pin) => pin[1] === address).pop() ?? [];
    return last ?? this.pin(value, address);
  }

  /**
   * What a pinned value finds at its address is there from the start, and what the last one leaves has to stay. If the
   * graph goes on, no other value may rely on that.
   */
  extend(lifetimes: Map<Value, Lifetime>, nodes: readonly OpNode[], goesOn: boolean): void {
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const finals = new Map<number, Lifetime>();
    for (const [value, address] of this.addresses) {
      const life = lifetimes.get(value);
      if (!life) continue;
      if (!made.has(value)) life.first = -1;
      const final = finals.get(address);
      if (!final || life.first >= final.first) finals.set(address, life);
    }
    for (const life of finals.values()) life.last = Infinity;
    if (!goesOn) return;
    for (const [value, address] of [...this.addresses]) {
      lifetimes.set(this.pin({ ...value }, address), { first: nodes.length, last: Infinity });
    }
  }

  storage(...all: ConstructorParameters<typeof StoragePlan>): PinnedStorage {
    return new PinnedStorage(...all, this.addresses);
  }
}

/** Where offset 0 of a block has to lie, and the bytes that are there. */
interface Place {
  readonly address: number;
  readonly from: number;
  readonly to: number;
}

class PinnedStorage extends StoragePlan {
  readonly #places = new Map<StorageBlock, Place>();
  /** Aliases that did not come true. */
  readonly #wishes = new Map<Value, Alias>();

  constructor(
    lifetimes: ReadonlyMap<Value, Lifetime>,
    inputs: ReadonlySet<Value>,
    outputs: ReadonlySet<Value>,
    readonly addresses: ReadonlyMap<Value, number>,
  ) {
    super(lifetimes, inputs, outputs);
    const pinned = new Map<number, StorageBlock>();
    for (const [value, address] of addresses) {
      const own = this.blocks.get(value);
      if (!own) continue;
      const block = pinned.get(address) ?? own;
      pinned.set(address, block);
      block.members.set(value, 0);
      this.blocks.set(value, block);
      if (block === own) this.#places.set(block, { address, from: 0, to: bytesOf(value) });
    }
  }

  /** Settles the addresses of what is pinned, and leaves it out of the blocks to place. */
  settle(addresses: Map<Value, number>): void {
    for (const [value, block] of this.blocks) {
      const place = this.#places.get(block);
      if (!place) continue;
      addresses.set(value, place.address + block.members.get(value)!);
      this.blocks.delete(value);
    }
  }

  override alias(node: OpNode, operator: Operator, known: Known): Alias[] {
    const refused = super.alias(node, operator, known);
    for (const alias of refused) this.#wishes.set(alias.inner, alias);
    return refused;
  }

  /** Blocks with pinned values have no room but their own. */
  protected override merge(outer: Value, inner: Value, offset: number, sameData: boolean): boolean {
    const [a, b] = [this.blocks.get(outer), this.blocks.get(inner)];
    if (!a || !b) return false;
    const [p, q] = [this.#places.get(a), this.#places.get(b)];
    const shift = a.members.get(outer)! + offset - b.members.get(inner)!;
    if ((p && q) || (p && !within(b, p, shift)) || (q && !within(a, q, -shift))) return false;
    const merged = super.merge(outer, inner, offset, sameData);
    if (merged && q) this.#places.set(a, { address: q.address - shift, from: q.from + shift, to: q.to + shift });
    return merged;
  }

  /** `inner` will be copied to `other`, which is right there. */
  protected override becomes(inner: Value, other: Value, distance: number): boolean {
    const wish = this.#wishes.get(inner);
    return wish?.outer === other && wish.offset === distance;
  }

  /** Of two pinned values, the second replaces the first, even if they meet. */
  protected override disjoint(x: Value, y: Value): boolean {
    return super.disjoint(x, y) || (x !== y && this.addresses.has(x) && this.addresses.has(y));
  }
}

/** Whether a block, moved by `shift`, has no byte outside a place. */
function within({ members }: StorageBlock, { from, to }: Place, shift: number): boolean {
  for (const [value, offset] of members) {
    if (offset + shift < from || offset + shift + bytesOf(value) > to) return false;
  }
  return true;
}
