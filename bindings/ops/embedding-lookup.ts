import { elementBits, elementCount, elementSize } from '../dtype.js';
import { badShape, count, input, type OpNode, output, unsupported, type Value } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { runBytes } from './shared/indices.js';
import { checkBlocks, scalesOfBlocks } from './shared/unpacked.js';

/** What is read as signed integers where the output is floating: uint8 too. */
const HYBRID = ['int8', 'uint8', 'int4', 'int2'];

/** Rows of input 1 by their numbers in input 0; those of integers may be scaled to floats. */
export const embeddingLookup: Operator = {
  name: 'EMBEDDING_LOOKUP',

  infer(node) {
    const [lookup, table, y] = [input(node, 0), input(node, 1), output(node)];
    if (lookup.dtype !== 'int32') throw unsupported(node, `${lookup.dtype} indices`);
    if (lookup.shape.length !== 1 || table.shape.length < 2) {
      throw badShape(node, `[${lookup.shape}] of rows of [${table.shape}]`);
    }
    if (isHybrid(table, y)) {
      if (table.blocks) checkBlocks(node, table);
      else checkScales(node, table);
    } else runBytes(node, table, y, elementCount(table.shape.slice(1)));
    return [[...lookup.shape, ...table.shape.slice(1)]];
  },

  lower(node, plan) {
    const [lookup, table, y] = [input(node, 0), input(node, 1), output(node)];
    if (count(y) === 0) return;
    const rows = table.shape[0]!;
    const columns = elementCount(table.shape.slice(1));
    if (!isHybrid(table, y)) {
      const run = runBytes(node, table, y, columns);
      plan.call('xx_gather', [table, lookup, y, run, 4, 1, rows, count(lookup)], count(lookup));
      return;
    }
    const scale = table.blocks ? scalesOfBlocks(plan, table) : table.quantization!.scale;
    const perRow = scale.length > 1 ? scale.length / rows : 0;
    plan.call(
      'f32_embedding_lookup',
      [
        ...([lookup, table, plan.constant(scale), perRow, y, rows, columns] as const),
        ...([table.blocks?.blockSize ?? columns, elementBits(table.dtype), elementSize(y.dtype)] as const),
      ],
      count(lookup),
    );
  },
};

const isHybrid = (table: Value, y: Value) =>
  (y.dtype === 'float32' || y.dtype === 'float16') && HYBRID.includes(table.dtype);

/** There may be one for the table, or one a row. */
function checkScales(node: OpNode, { name, quantization: q, shape }: Value): void {
  if (!q) throw unsupported(node, `tensor '${name}' without scales`);
  if (q.zeroPoint[0] !== 0 || (q.scale.length > 1 && (q.axis !== 0 || q.scale.length !== shape[0]))) {
    throw unsupported(node, `tensor '${name}' quantized by zero point ${q.zeroPoint[0]} or another axis than rows`);
  }
}
