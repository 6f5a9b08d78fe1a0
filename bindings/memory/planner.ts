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

/** Puts blocks one after another into the lowest (or tightest) gap that no block alive at the same time takes. */
function placeInOrder(blocks: readonly Block[], order: readonly number[], tightest: boolean): [number[], number] {
  const offsets = new Array<number>(blocks.length).fill(0);
  const placed: number[] = [];
  let size = 0;
  for (const i of order) {
    const block = blocks[i]!;
    const need = align(block.size);
    let best = -1;
    let bestGap = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const j of placed) {
      const other = blocks[j]!;
      if (other.first > block.last || other.last < block.first) continue;
      const gap = offsets[j]! - end;
      if (gap >= need && gap < bestGap) {
        best = end;
        bestGap = gap;
        if (!tightest) break;
      }
      end = Math.max(end, offsets[j]! + align(other.size));
    }
    const offset = best >= 0 ? best : end;
    offsets[i] = offset;
    size = Math.max(size, offset + need);
    let at = placed.findIndex((j) => offsets[j]! > offset);
    if (at < 0) at = placed.length;
    placed.splice(at, 0, i);
  }
  return [offsets, size];
}

/**
 * Places blocks in an arena. Greedy placement in several orders (by size, by lifetime, by first use, by the
 * pressure of the step they live at), then a bounded search that moves the blocks that stick out to the front
 * of the order; ends early at the lower bound.
 * Source: Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference (2020), for the greedy orders.
 */
export function place(blocks: readonly Block[]): Placement {
  const bound = lowerBound(blocks);
  const indices = blocks.map((_, i) => i);
  const life = (b: Block) => b.last - b.first;
  const keys: ((b: Block) => number[])[] = [
    (b) => [-b.size, b.first],
    (b) => [-life(b), -b.size],
    (b) => [b.first, -b.size],
    (b) => [-b.size * (life(b) + 1)],
    (b) => [-b.last, -b.size],
  ];
  let best: Placement | null = null;
  let bestOrder = indices;
  const consider = (order: readonly number[]): boolean => {
    for (const tightest of [true, false]) {
      const [offsets, size] = placeInOrder(blocks, order, tightest);
      if (!best || size < best.size) {
        best = { offsets, size, lowerBound: bound };
        bestOrder = [...order];
      }
    }
    return best!.size <= bound;
  };
  for (const key of keys) {
    const order = [...indices].sort((a, b) => {
      const x = key(blocks[a]!);
      const y = key(blocks[b]!);
      for (let k = 0; k < x.length; k++) if (x[k] !== y[k]) return x[k]! - y[k]!;
      return a - b;
    });
    if (consider(order)) return best!;
  }
  const attempts = Math.min(200, Math.floor(400_000 / (blocks.length * blocks.length + 1)));
  for (let n = 0; n < attempts; n++) {
    const top: Placement = best!;
    const sticking = bestOrder.filter((i) => top.offsets[i]! + align(blocks[i]!.size) > bound);
    const mover = sticking[n % sticking.length]!;
    const order = bestOrder.filter((i) => i !== mover);
    order.splice(Math.floor((n * order.length) / (2 * attempts)), 0, mover);
    if (consider(order)) break;
  }
  return best!;
}
