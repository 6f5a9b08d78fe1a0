import type { Alias, Operator } from '../ops/operator.js';
import { bytesOf, type Known, type OpNode, type Value } from './ir.js';

/** When a value is written first and read last, in positions of the node list. */
export interface Lifetime {
  first: number;
  last: number;
}

/** Values that share memory, at fixed distances from each other. */
export interface StorageBlock {
  readonly members: Map<Value, number>;
}

/**
 * Decides which values share storage: aliases (a reshape is its input, the parts of a concatenation lie in its
 * output) and operators that write over an input that dies. Two values may overlap if their lifetimes are disjoint or
 * if they hold the same data where they overlap; every merge of two blocks is checked for that, pair by pair.
 */
export class StoragePlan {
  readonly blocks = new Map<Value, StorageBlock>();

  /**
   * @param lifetimes of all values that may be placed; others (constants, live-ins) never share
   * @param inputs graph inputs: their bytes survive the run
   * @param outputs graph outputs: they may not share bytes with graph inputs
   */
  constructor(
    readonly lifetimes: ReadonlyMap<Value, Lifetime>,
    readonly inputs: ReadonlySet<Value>,
    readonly outputs: ReadonlySet<Value>,
  ) {
    for (const value of lifetimes.keys()) this.blocks.set(value, { members: new Map([[value, 0]]) });
  }

  /** Gives the aliases that did not come true. */
  alias(node: OpNode, operator: Operator, known: Known): Alias[] {
    const wishes = operator.aliases?.(node, known) ?? [];
    return wishes.filter(({ inner, outer, offset }) => !this.merge(outer, inner, offset, true));
  }

  inPlace(node: OpNode, operator: Operator): void {
    const out = node.outputs[0];
    const life = out && this.lifetimes.get(out);
    if (!life) return;
    for (const i of operator.inPlace?.(node) ?? []) {
      const value = node.inputs[i];
      if (!value || bytesOf(value) !== bytesOf(out)) continue;
      const dies = (this.lifetimes.get(value)?.last ?? Infinity) <= life.first;
      if (dies && this.merge(value, out, 0, false)) return;
    }
  }

  /** Puts `inner` at `outer` + `offset` if that is sound. */
  protected merge(outer: Value, inner: Value, offset: number, sameData: boolean): boolean {
    const a = this.blocks.get(outer);
    const b = this.blocks.get(inner);
    if (!a || !b || a === b) return false;
    const shift = a.members.get(outer)! + offset - b.members.get(inner)!;
    for (const [u, uOffset] of a.members) {
      for (const [v, vOffset] of b.members) {
        const uFrom = uOffset;
        const uTo = uFrom + bytesOf(u);
        const vFrom = vOffset + shift;
        const vTo = vFrom + bytesOf(v);
        if (uTo <= vFrom || vTo <= uFrom) continue;
        if ((this.inputs.has(u) && this.outputs.has(v)) || (this.inputs.has(v) && this.outputs.has(u))) return false;
        if (this.disjoint(u, v)) continue;
        if (u === outer && v === inner) continue;
        if (!sameData) {
          if (v === inner && this.becomes(v, u, vFrom - uFrom)) continue;
          return false;
        }
        // Alive together, so they must hold the same bytes: u those of outer, v those of inner, within inner.
        const from = a.members.get(outer)! + offset;
        const inside = Math.max(uFrom, vFrom) >= from && Math.min(uTo, vTo) <= from + bytesOf(inner);
        const follows = (x: Value, y: Value) => x === y || !this.disjoint(x, y);
        if (!inside || !follows(u, outer) || !follows(v, inner)) return false;
      }
    }
    for (const [v, vOffset] of b.members) {
      a.members.set(v, vOffset + shift);
      this.blocks.set(v, a);
    }
    return true;
  }

  protected disjoint(u: Value, v: Value): boolean {
    const x = this.lifetimes.get(u)!;
    const y = this.lifetimes.get(v)!;
    return x.last < y.first || y.last < x.first;
  }

  /** Whether `inner` will hold the same as `other`, `distance` bytes before it, as soon as that holds anything. */
  protected becomes(_inner: Value, _other: Value, _distance: number): boolean {
    return false;
  }
}
