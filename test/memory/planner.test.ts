import { expect, test } from 'vitest';
import { type Block, lowerBound, place } from '../../bindings/memory/planner.js';
import { Rng } from '../support/random.js';

function expectSound(blocks: readonly Block[]): number {
  const { offsets, size, lowerBound: bound } = place(blocks);
  expect(bound).toBe(lowerBound(blocks));
  expect(size).toBeGreaterThanOrEqual(bound);
  for (const [i, a] of blocks.entries()) {
    expect(offsets[i]! % 16).toBe(0);
    expect(offsets[i]! + a.size).toBeLessThanOrEqual(size);
    for (let j = 0; j < i; j++) {
      const b = blocks[j]!;
      const together = a.first <= b.last && b.first <= a.last;
      const apart = offsets[i]! + a.size <= offsets[j]! || offsets[j]! + b.size <= offsets[i]!;
      expect(!together || apart, `blocks ${i} and ${j} overlap`).toBe(true);
    }
  }
  return size / bound;
}

test('blocks alive together never overlap', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const rng = new Rng(seed);
    const blocks = Array.from({ length: rng.int(1, 60) }, () => {
      const first = rng.int(0, 40);
      return { size: rng.int(1, 5000), first, last: first + rng.int(0, rng.bool(0.1) ? 40 : 4) };
    });
    expectSound(blocks);
  }
});

test('a chain with residuals is placed at its lower bound', () => {
  const blocks: Block[] = [];
  for (let i = 0; i < 30; i++) {
    blocks.push({ size: 1000 * (((i * 7) % 5) + 1), first: i, last: i + 1 });
    if (i % 4 === 0) blocks.push({ size: 2000, first: i, last: i + 4 });
  }
  expect(expectSound(blocks)).toBeLessThanOrEqual(1.02);
});

test('layers that pass two tensors past each wide one are placed at their lower bound', () => {
  // As in an MLP mixer: each layer's input stays for the residual, and its last step is wide.
  const blocks: Block[] = [{ size: 100, first: 0, last: 99 }];
  for (let i = 0; i < 6; i++) {
    const at = i * 14;
    blocks.push({ size: 2480, first: at, last: at + 15 });
    for (const first of [4, 8, 9]) blocks.push({ size: 2480, first: at + first, last: at + first + 3 });
    blocks.push({ size: 9830 + (i % 2) * 96, first: at + 12, last: at + 13 });
  }
  expect(expectSound(blocks)).toBeLessThanOrEqual(1.02);
});

test('nothing to place', () => {
  expect(place([])).toEqual({ offsets: [], size: 0, lowerBound: 0 });
});
