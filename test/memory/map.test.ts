import { describe, expect, test } from 'vitest';
import { MemoryLimitError } from '../../bindings/errors.js';
import { MemoryMap, Pool, type Region } from '../../bindings/memory/map.js';
import { Rng } from '../support/random.js';

const newMap = (limit?: number) => new MemoryMap(new WebAssembly.Memory({ initial: 1 }), 1000, limit);

describe('MemoryMap', () => {
  test('hands out page-aligned, zeroed, disjoint regions and takes them back', () => {
    const map = newMap();
    const rng = new Rng(1);
    const regions: Region[] = [];
    for (let i = 0; i < 2000; i++) {
      if (regions.length && rng.bool(0.48)) {
        const [region] = regions.splice(rng.int(0, regions.length - 1), 1);
        map.release(region!);
        continue;
      }
      const region = map.allocate(rng.int(0, 50_000), 'arena');
      const bytes = new Uint8Array(map.memory.buffer, region.address, region.size);
      expect(region.address % 4096).toBe(0);
      expect(bytes.every((b) => b === 0)).toBe(true);
      bytes.fill(255);
      for (const other of regions) {
        expect(region.address + region.size <= other.address || other.address + other.size <= region.address).toBe(
          true,
        );
      }
      regions.push(region);
    }
    expect(map.used('arena')).toBe(regions.reduce((sum, region) => sum + region.size, 0));
    for (const region of regions) map.release(region);
    expect(map.used()).toBe(0);
    const size = map.memory.buffer.byteLength;
    const all = map.allocate(size - 8192, 'image');
    expect(map.memory.buffer.byteLength, 'everything coalesced, so nothing has to grow').toBe(size);
    map.release(all);
  });

  test('turns the limit into an error and stays usable', () => {
    const map = newMap(1 << 20);
    expect(() => map.allocate(1 << 20, 'arena')).toThrow(MemoryLimitError);
    expect(() => map.allocate(2 ** 40, 'arena')).toThrow(MemoryLimitError);
    expect(map.allocate(1 << 19, 'arena').size).toBeGreaterThanOrEqual(1 << 19);
  });

  test('regions leave room for kernels that read past their end', () => {
    const map = newMap();
    expect(map.allocate(4096, 'arena').size).toBeGreaterThanOrEqual(4096 + 15);
  });
});

test('Pool gives aligned blocks and releases them together', () => {
  const map = newMap();
  const pool = new Pool(map, 'packed');
  const addresses = [1, 16, 17, 100_000, 3].map((bytes) => pool.allocate(bytes));
  expect(addresses.every((address) => address % 16 === 0)).toBe(true);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(map.used('packed')).toBe(pool.size);
  pool.release();
  expect(map.used()).toBe(0);
});
