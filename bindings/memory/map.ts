import { MemoryLimitError } from '../errors.js';

/** A range of linear memory that belongs to one owner until it is released. */
export interface Region {
  readonly address: number;
  readonly size: number;
  readonly owner: RegionOwner;
}

export type RegionOwner = 'image' | 'packed' | 'arena' | 'variables' | 'scratch' | 'constants';

const WASM_PAGE = 65536;
/** Granularity of regions; smaller than a wasm page, so that small models stay small. */
const PAGE = 4096;
/** Kernels may read up to 15 bytes past their input. */
const OVER_READ = 16;
const WASM_LIMIT = 65536 * WASM_PAGE;

const roundUp = (n: number, to: number) => Math.ceil(n / to) * to;

/**
 * Hands out linear memory in regions, as mmap does: page-aligned, zeroed, accounted by owner, returned and
 * coalesced. `memory.grow` detaches every view of the buffer: take views anew after each allocation.
 */
export class MemoryMap {
  /** Free ranges by address. */
  #free: { address: number; size: number }[] = [];
  #end: number;
  /** Nothing was ever handed out from here on, so memory is still as zero as the host gave it. */
  #fresh: number;
  readonly #used = new Map<RegionOwner, number>();

  /**
   * @param base first address that is not static data of the kernels
   * @param limit bytes that the whole memory may reach
   */
  constructor(
    readonly memory: WebAssembly.Memory,
    base: number,
    readonly limit: number = WASM_LIMIT,
  ) {
    this.#end = this.#fresh = roundUp(base, PAGE);
    const size = Math.min(memory.buffer.byteLength, limit) - this.#end;
    if (size > 0) this.#free.push({ address: this.#end, size });
    this.#end = Math.max(this.#end, memory.buffer.byteLength);
  }

  /** Bytes in use by one owner, or by all. */
  used(owner?: RegionOwner): number {
    if (owner) return this.#used.get(owner) ?? 0;
    let sum = 0;
    for (const bytes of this.#used.values()) sum += bytes;
    return sum;
  }

  /** @throws MemoryLimitError when the limit, or the host's own, would be exceeded */
  allocate(bytes: number, owner: RegionOwner): Region {
    const size = roundUp(bytes + OVER_READ, PAGE);
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const range = this.#free[i]!;
      if (range.size >= size && (best < 0 || range.size < this.#free[best]!.size)) best = i;
    }
    if (best < 0) best = this.#grow(size);
    const range = this.#free[best]!;
    const region = { address: range.address, size, owner };
    if (range.size === size) this.#free.splice(best, 1);
    else this.#free[best] = { address: range.address + size, size: range.size - size };
    // The system maps a page at the first touch, which costs more than to clear it.
    const used = Math.min(this.#fresh - range.address, size);
    if (used > 0) new Uint8Array(this.memory.buffer, range.address, used).fill(0);
    this.#fresh = Math.max(this.#fresh, range.address + size);
    this.#used.set(owner, this.used(owner) + size);
    return region;
  }

  pool(owner: RegionOwner): Pool {
    return new Pool(this, owner);
  }

  release(region: Region): void {
    this.#used.set(region.owner, this.used(region.owner) - region.size);
    this.#add(region.address, region.size);
  }

  /** Adds a free range; ranges that touch become one. */
  #add(address: number, size: number): void {
    const free = this.#free;
    free.push({ address, size });
    free.sort((a, b) => a.address - b.address);
    for (let i = free.length - 1; i > 0; i--) {
      const [a, b] = [free[i - 1]!, free[i]!];
      if (a.address + a.size !== b.address) continue;
      a.size += b.size;
      free.splice(i, 1);
    }
  }

  /** Extends memory so that a range of `size` bytes is free at its end; gives the index of that range. */
  #grow(size: number): number {
    const last = this.#free[this.#free.length - 1];
    const tail = last && last.address + last.size === this.#end ? last.size : 0;
    const target = roundUp(this.#end - tail + size, WASM_PAGE);
    if (target > this.limit) {
      throw new MemoryLimitError(
        `${target} bytes of memory are needed, ${this.limit} allowed; ` +
          'close models or interpreters, or raise maxMemory',
      );
    }
    try {
      this.memory.grow((target - this.#end) / WASM_PAGE);
    } catch (cause) {
      throw new MemoryLimitError(`the host refused to grow memory to ${target} bytes`, { cause });
    }
    this.#add(this.#end, target - this.#end);
    this.#end = target;
    return this.#free.length - 1;
  }
}

/** Many small allocations of one owner that are released together. */
export class Pool {
  #regions: Region[] = [];
  #next = 0;
  #end = 0;

  constructor(
    readonly map: MemoryMap,
    readonly owner: RegionOwner,
  ) {}

  /** A zeroed, 16-byte aligned block; lives until `release`. */
  allocate(bytes: number): number {
    const size = roundUp(Math.max(bytes, 1), 16);
    if (this.#next + size > this.#end) {
      const region = this.map.allocate(size, this.owner);
      this.#regions.push(region);
      this.#next = region.address;
      this.#end = region.address + region.size - OVER_READ;
    }
    const address = this.#next;
    this.#next += size;
    return address;
  }

  /** Bytes of the regions held. */
  get size(): number {
    return this.#regions.reduce((sum, region) => sum + region.size, 0);
  }

  release(): void {
    for (const region of this.#regions) this.map.release(region);
    this.#regions = [];
    this.#next = this.#end = 0;
  }
}
