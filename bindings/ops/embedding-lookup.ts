import { elementBits, elementCount, elementSize } from '../dtype.js';
import { badShape, count, input, type OpNode, output, unsupported, type Value } from '../graph/ir.js';
import type { Operator } from './operator.js';
import { runBytes } from './shared/indices.js';

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
    if (isHybrid(table, y)) scales(node, table);
    else runBytes(node, table, y, elementCount(table.shape.slice(1)));
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
    const scale = scales(node, table);
    plan.call(
      'f32_embedding_lookup',
      [
        ...([lookup, table, plan.constant(scale), scale.length > 1 ? 1 : 0, y] as const),
        ...([rows, columns, elementBits(table.dtype), elementSize(y.dtype)] as const),
      ],
      count(lookup),
    );
  },
};

const isHybrid = (table: Value, y: Value) =>
  (y.dtype === 'float32' || y.dtype === 'float16') && HYBRID.includes(table.dtype);

/** One for the table, or one a row. */
function scales(node: OpNode, { name, quantization: q, shape }: Value): Float32Array {
  if (!q) throw unsupported(node, `tensor '${name}' without scales of its own`);
  if (q.zeroPoint[0] !== 0 || (q.scale.length > 1 && (q.axis !== 0 || q.scale.length !== shape[0]))) {
    throw unsupported(node, `tensor '${name}' quantized by zero point ${q.zeroPoint[0]} or another axis than rows`);
  }
  return q.scale;
}
