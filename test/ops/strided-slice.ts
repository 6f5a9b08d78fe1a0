import { counting, element, int32, ints, movable, smallShape, tensorOf, unchanged } from '../support/moving.js';
import type { OpCase, OpSpec } from '../support/spec.js';

const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0, offset: false };

function numpy(name: string, shape: number[], begin: number[], end: number[], strides: number[], masks = {}): OpCase {
  return {
    name,
    options: { ...NO_MASKS, ...masks },
    inputs: [counting(shape), int32(begin), int32(end), int32(strides)],
    outputs: [{ dtype: 'float32', shape: [] }],
  };
}

/**
 * Entry i of begin, end, strides is one item of Python's x[…]: `b:e:s`, or by masks an index, a new axis, or an ellipsis,
 * which stands for as many whole dimensions as are left over, but at least for one: then the last item has none.
 */
export default {
  op: 'STRIDED_SLICE',
  tolerance: unchanged,

  reference({ inputs: [x, beginTensor, endTensor, stridesTensor], options }) {
    const [begin, end, strides] = [beginTensor, endTensor, stridesTensor].map((t) => ints(t!)) as number[][];
    const bit = (mask: number, i: number) => (mask & (1 << i)) !== 0;
    const rank = x!.shape.length;
    const isEllipsis = (i: number) => bit(options.ellipsisMask, i);
    const isNew = (i: number) => !isEllipsis(i) && bit(options.newAxisMask, i);
    const consumed = begin!.filter((_, i) => !isEllipsis(i) && !isNew(i)).length;

    // Positions of x that each item selects, and whether the dimension stays.
    const items: { positions: number[] | null; keep: boolean }[] = [];
    const wholeDimension = (d: number) => ({
      positions: Array.from({ length: x!.shape[d]! }, (_, i) => i),
      keep: true,
    });
    let d = 0;
    for (let i = 0; i < begin!.length; i++) {
      if (isEllipsis(i)) {
        for (let k = 0; k < Math.max(1, rank - consumed) && d < rank; k++) items.push(wholeDimension(d++));
      } else if (isNew(i)) {
        items.push({ positions: null, keep: true });
      } else if (d < rank) {
        const n = x!.shape[d++]!;
        const s = strides![i]!;
        const [first, past] = s > 0 ? [0, n] : [n - 1, -1];
        const clamp = (p: number) =>
          Math.max(Math.min(first, past), Math.min(Math.max(first, past), p < 0 ? p + n : p));
        const b = bit(options.beginMask, i) ? first : clamp(begin![i]!);
        const positions: number[] = [];
        if (bit(options.shrinkAxisMask, i)) {
          positions.push(b);
        } else {
          const e = bit(options.endMask, i) ? past : clamp(options.offset ? b + end![i]! : end![i]!);
          for (let p = b; s > 0 ? p < e : p > e; p += s) positions.push(p);
        }
        items.push({ positions, keep: !bit(options.shrinkAxisMask, i) });
      }
    }
    while (d < rank) items.push(wholeDimension(d++));

    const kept = items.filter((item) => item.keep);
    const shape = kept.map((item) => item.positions?.length ?? 1);
    return [
      tensorOf(x!.dtype, shape, (index) =>
        element(
          x!,
          items.flatMap((item) => {
            if (!item.positions) return [];
            return [item.positions[item.keep ? index[kept.indexOf(item)]! : 0]!];
          }),
        ),
      ),
    ];
  },

  cases: [
    numpy('x[1:3, ::2]', [4, 5], [1, 0], [3, 0], [1, 2], { endMask: 2 }),
    numpy('x[::-1]', [7], [0], [0], [-1], { beginMask: 1, endMask: 1 }),
    numpy('x[-3:-1]', [7], [-3], [-1], [1]),
    numpy('x[5:1:-2]', [7], [5], [1], [-2]),
    numpy('x[2]', [4, 5], [2], [3], [1], { shrinkAxisMask: 1 }),
    numpy('x[-1, 1:]', [4, 5], [-1, 1], [0, 0], [1, 1], { shrinkAxisMask: 1, endMask: 2 }),
    numpy('x[..., 1]', [2, 3, 4], [0, 1], [0, 2], [1, 1], { ellipsisMask: 1, shrinkAxisMask: 2 }),
    numpy('x[0, ..., newaxis]', [2, 3, 4], [0, 0, 0], [1, 0, 0], [1, 1, 1], {
      shrinkAxisMask: 1,
      ellipsisMask: 2,
      newAxisMask: 4,
    }),
    numpy('x[1, ..., 2]', [4, 5], [1, 0, 2], [2, 0, 3], [1, 1, 1], { shrinkAxisMask: 5, ellipsisMask: 2 }),
    numpy('x[..., 1:3, ::2]', [4, 5], [0, 1, 0], [0, 3, 5], [1, 1, 2], { ellipsisMask: 1 }),
    numpy('x[1:3, ::2, ...]', [4, 5], [1, 0, 0], [3, 5, 0], [1, 2, 1], { ellipsisMask: 4 }),
    numpy('x[newaxis, 1:2, newaxis]', [2, 3], [0, 1, 0], [0, 2, 0], [1, 1, 1], { newAxisMask: 5 }),
    numpy('x[3:1] is empty', [4, 2], [3], [1], [1]),
    numpy('ends beyond', [4], [-9], [9], [1]),
    numpy('x[1:1+2], offset', [6], [1], [2], [1], { offset: true }),
  ],

  random(rng) {
    const rank = rng.int(1, 5);
    const shape = smallShape(rng, rank).map((n) => Math.max(n, 1));
    const entries = rng.int(1, rank);
    const masks = { ...NO_MASKS };
    const begin: number[] = [];
    const end: number[] = [];
    const strides: number[] = [];
    let d = 0;
    for (let i = 0; i < entries; i++) {
      const bit = 1 << begin.length;
      const kind = rng.int(0, 9);
      const n = shape[d]!;
      begin.push(rng.int(-n - 1, n));
      end.push(rng.int(-n - 2, n + 2));
      strides.push(rng.pick([1, 1, 2, 3, -1, -2]));
      if (kind === 0) {
        masks.newAxisMask |= bit;
        continue;
      }
      if (kind === 1 && !masks.ellipsisMask) {
        masks.ellipsisMask |= bit;
        d += rank - entries;
        continue;
      }
      if (kind === 2) {
        masks.shrinkAxisMask |= bit;
        begin[begin.length - 1] = rng.int(-n, n - 1);
      }
      if (rng.bool(0.3)) masks.beginMask |= bit;
      if (rng.bool(0.3)) masks.endMask |= bit;
      d++;
    }
    // Entries past an ellipsis may meet other dimensions than assumed here, of at least 1: indices 0 and -1 always fit.
    if (masks.ellipsisMask) {
      for (const i of begin.keys()) if (masks.shrinkAxisMask & (1 << i)) begin[i] = rng.int(-1, 0);
    }
    const x = movable(rng, shape);
    const constant = rng.bool(0.8);
    return {
      name: `${shape} [${begin}] [${end}] [${strides}] ${JSON.stringify(masks)}`,
      options: masks,
      inputs: [x, ...[begin, end, strides].map((v) => ({ ...int32(v), constant }))],
      outputs: [{ dtype: x.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
