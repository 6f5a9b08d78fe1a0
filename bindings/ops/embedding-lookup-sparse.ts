import { elementCount } from '../dtype.js';
import { badShape, count, input, type Known, type OpNode, output, unsupported } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { lowerMove, vector } from './shared/strided-copy.js';
import { fill } from './shared/striding.js';
import { zero } from './shared/zero.js';

const COMBINERS = ['SUM', 'MEAN', 'SQRTN'];
const DTYPES = ['int32', 'int32', 'int32', 'float32', 'float32'];

/**
 * Weighted sums of rows of a table (input 4). Numbers of rows (0) and their weights (3) are the elements, at the indices of
 * input 1, of a sparse tensor with the shape of input 2: its last dimension is what is summed.
 */
export const embeddingLookupSparse: Operator = {
  name: 'EMBEDDING_LOOKUP_SPARSE',

  infer(node, known) {
    const inputs = DTYPES.map((_, i) => input(node, i));
    const [ids, indices, dense, weights, table] = inputs.map(({ shape }) => shape);
    for (const [i, { dtype }] of inputs.entries()) {
      if (dtype !== DTYPES[i]) throw unsupported(node, `input ${i} of type ${dtype}`);
    }
    if (output(node).dtype !== 'float32') throw unsupported(node, `output ${output(node).dtype}`);
    if (
      [ids!, dense!, weights!].some(({ length }) => length !== 1) ||
      `${indices}` !== `${[ids![0], dense![0]]}` ||
      weights![0] !== ids![0] ||
      table!.length < 2 ||
      dense![0] === 0
    ) {
      throw badShape(node, `[${ids}] rows of [${table}] at [${indices}] of [${dense}] with weights [${weights}]`);
    }
    return [shapeOf(node, known)];
  },

  lower(node, plan) {
    const [ids, indices, dense, weights, table] = DTYPES.map((_, i) => input(node, i));
    const y = output(node);
    const shape = shapeOf(node, plan);
    lowerMove(plan, fill(zero(y.dtype), y, shape));
    const [rows, rank] = [table!.shape[0]!, count(dense!)];
    const columns = elementCount(table!.shape.slice(1));
    const buckets = elementCount(shape.slice(0, rank - 1));
    const combiner = COMBINERS.indexOf(node.options.combiner ?? 'SUM');
    plan.call(
      'f32_embedding_lookup_sparse',
      [
        ...([ids!, indices!, dense!, weights!, table!, y] as const),
        ...([count(ids!), rank, rows, columns, buckets, combiner] as const),
      ],
      1,
    );
  },
};

function shapeOf(node: OpNode, known: Known): number[] {
  const shape = vector(node, known, 2, count(input(node, 2))).slice(0, -1);
  if (shape.some((n) => n < 0)) throw badShape(node, `shape [${shape}]`);
  return [...shape, ...input(node, 4).shape.slice(1)];
}
