/** Bytes that must stay in place from step `first` to step `last`, both included. */
export interface Block {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

export interface Placement {
  /** Offset of each block in the arena. */
  readonly offsets: readonly number[];
  readonly size: number;
  /** The largest sum of blocks alive at one step: no placement can be smaller. */
  readonly lowerBound: number;
}

const ALIGNMENT = 16;
const align = (n: number) => Math.ceil(n / ALIGNMENT) * ALIGNMENT;

/** Largest sum of sizes alive at one step. */
export function lowerBound(blocks: readonly Block[]): number {
  const change = new Map<number, number>();
  for (const b of blocks) {
    change.set(b.first, (change.get(b.first) ?? 0) + align(b.size));
    change.set(b.last + 1, (change.get(b.last + 1) ?? 0) - align(b.size));
  }
  let alive = 0;
  let most = 0;
  for (const [, delta] of [...change].sort((a, b) => a[0] - b[0])) {
    alive += delta;
    most = Math.max(most, alive);
  }
  return most;
}

/** Puts blocks one after another into the lowest gap that no block alive at the same time takes. */
function placeInOrder(blocks: readonly Block[], order: readonly number[], bound: number): Placement {
  const offsets = new Array<number>(blocks.length).fill(0);
  const placed: number[] = [];
  let size = 0;
  for (const i of order) {
    const block = blocks[i]!;
    const need = align(block.size);
    let offset = 0;
    for (const j of placed) {
      const other = blocks[j]!;
      if (other.first > block.last || other.last < block.first) continue;
      if (offsets[j]! - offset >= need) break;
      offset = Math.max(offset, offsets[j]! + align(other.size));
    }
    offsets[i] = offset;
    size = Math.max(size, offset + need);
    let at = placed.findIndex((j) => offsets[j]! > offset);
    if (at < 0) at = placed.length;
    placed.splice(at, 0, i);
  }
  return { offsets, size, lowerBound: bound };
}

/**
 * Places blocks in an arena: greedily in order of size times lifetime (of equals, the later first), of size, or of first use;
 * then a bounded search that moves the blocks that stick out to other places of the order. Ends early at the lower bound,
 * which real models nearly always reach with the first order.
 * Source: Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference (2020), for the greedy orders.
 */
export function place(blocks: readonly Block[]): Placement {
  const bound = lowerBound(blocks);
  const orderBy = (key: (b: Block) => number) =>
    blocks.map((_, i) => i).sort((a, b) => key(blocks[b]!) - key(blocks[a]!) || blocks[b]!.first - blocks[a]!.first);
  let order = orderBy((b) => b.size * (b.last - b.first + 1));
  let best = placeInOrder(blocks, order, bound);
  const consider = (other: number[]) => {
    const placement = placeInOrder(blocks, other, bound);
    if (placement.size < best.size) {
      best = placement;
      order = other;
    }
  };
  for (const key of [(b: Block) => b.size, (b: Block) => -b.first]) if (best.size > bound) consider(orderBy(key));
  const attempts = Math.min(400, Math.floor(800_000 / (blocks.length * blocks.length + 1)));
  for (let n = 0; n < attempts && best.size > bound; n++) {
    const sticking = order.filter((i) => best.offsets[i]! + align(blocks[i]!.size) > bound);
    const mover = sticking[n % sticking.length]!;
    const other = order.filter((i) => i !== mover);
    other.splice(Math.floor((n * other.length) / (2 * attempts)), 0, mover);
    consider(other);
  }
  return best;
}
