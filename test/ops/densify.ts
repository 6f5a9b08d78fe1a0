import { elementCount, typedArrayOf } from '../../bindings/dtype.js';
import type { SparsityDefinition } from '../../bindings/model/model.js';
import { unchanged } from '../support/moving.js';
import type { OpCase, OpSpec } from '../support/spec.js';

/** [rows, columns] in blocks of [blockRows, blockColumns], rows of blocks compressed (TensorFlow's block sparse weights). */
function blockSparse(
  rows: number,
  columns: number,
  b: readonly [number, number],
  kept: number[][],
): SparsityDefinition {
  const segments = [0];
  for (const row of kept) segments.push(segments.at(-1)! + row.length);
  const dense = (denseSize: number) => ({ format: 'DENSE' as const, denseSize, segments: [], indices: [] });
  return {
    traversalOrder: [0, 1, 2, 3],
    blockMap: [0, 1],
    dimensions: [
      dense(rows / b[0]),
      { format: 'SPARSE_CSR', denseSize: columns / b[1], segments, indices: kept.flat() },
      dense(b[0]),
      dense(b[1]),
    ],
  };
}

/** Stored values go, block by block, where the compressed rows of blocks say; the rest is zero. */
export default {
  op: 'DENSIFY',
  tolerance: unchanged,

  // Only for the format that `blockSparse` writes, and plain compressed rows: the general one is TACO's.
  reference({ inputs: [x] }) {
    const sparsity = x!.sparsity!;
    const { blockMap, dimensions } = sparsity;
    const [rows, columns] = x!.shape as [number, number];
    const [blockRows, blockColumns] = blockMap.length ? [dimensions[2]!.denseSize, dimensions[3]!.denseSize] : [1, 1];
    const { segments, indices } = dimensions[1]!;
    const data = new (typedArrayOf(x!.dtype))(rows * columns);
    let next = 0;
    for (let row = 0; row < rows / blockRows; row++) {
      for (let s = segments[row]!; s < segments[row + 1]!; s++) {
        for (let i = 0; i < blockRows; i++) {
          for (let j = 0; j < blockColumns; j++) {
            data[(row * blockRows + i) * columns + indices[s]! * blockColumns + j] = x!.data[next++]!;
          }
        }
      }
    }
    return [{ shape: x!.shape, data }];
  },

  cases: [
    {
      name: 'compressed rows',
      inputs: [
        {
          dtype: 'int8',
          shape: [3, 4],
          data: Int8Array.of(1, 2, 3, 4),
          constant: true,
          sparsity: {
            traversalOrder: [0, 1],
            blockMap: [],
            dimensions: [
              { format: 'DENSE', denseSize: 3, segments: [], indices: [] },
              { format: 'SPARSE_CSR', denseSize: 4, segments: [0, 2, 2, 4], indices: [0, 3, 1, 2] },
            ],
          },
        },
      ],
      outputs: [{ dtype: 'int8', shape: [] }],
    },
  ],

  random(rng): OpCase {
    const block = [rng.int(1, 4), rng.int(1, 4)] as const;
    const [rows, columns] = [rng.int(1, 4) * block[0], rng.int(1, 5) * block[1]];
    const kept = Array.from({ length: rows / block[0] }, () =>
      Array.from({ length: columns / block[1] }, (_, i) => i).filter(() => rng.bool()),
    );
    const dtype = rng.pick(['float32', 'float16', 'int8'] as const);
    const stored = kept.flat().length * elementCount(block);
    const x = rng.tensor(dtype, [stored]);
    return {
      name: `${dtype} ${rows}x${columns} in blocks of ${block}`,
      inputs: [{ ...x, shape: [rows, columns], constant: true, sparsity: blockSparse(rows, columns, block, kept) }],
      outputs: [{ dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
