import { elementCount } from '../dtype.js';
import {
  badShape,
  input,
  normalizeAxis,
  type OpNode,
  output,
  sameQuantization,
  unsupported,
  type Value,
} from '../graph/ir.js';
import { integerRange, roundAway } from '../quantization.js';
import { type Move, movement, splice } from './shared/strided-copy.js';

/**
 * Joins along an axis: parts are rows of the output. Parts of uint8 (and, more than TFLite does, int8) that are quantized
 * otherwise than the output go through a table.
 */
export const concatenation = movement('CONCATENATION', (node) => {
  const to = output(node);
  const first = input(node, 0).shape;
  const axis = normalizeAxis(node, node.options.axis, first.length);
  if ((node.options.fusedActivationFunction ?? 'NONE') !== 'NONE') throw unsupported(node, 'a fused activation');
  const parts = node.inputs.map((_, i) => input(node, i));
  for (const { shape } of parts) {
    if (shape.length !== first.length || shape.some((n, d) => d !== axis && n !== first[d])) {
      throw badShape(node, `cannot join [${first}] and [${shape}] along axis ${axis}`);
    }
  }
  const outer = elementCount(first.slice(0, axis));
  const inner = elementCount(first.slice(axis + 1));
  const total = parts.reduce((n, { shape }) => n + shape[axis]!, 0);
  let toOffset = 0;
  const moves = parts.map((from): Move => {
    const row = from.shape[axis]! * inner;
    const move: Move = {
      from,
      to,
      axes: [
        [outer, row, total * inner],
        [row, 1, 1],
      ],
      toOffset,
      table: requantization(node, from, to),
    };
    toOffset += row;
    return move;
  });
  return { shapes: [splice(first, axis, 1, total)], moves };
});

/** TFLite's ConcatenationWithScaling: in float, rounding half away from zero. Undefined where nothing changes. */
function requantization(node: OpNode, from: Value, to: Value): Uint8Array | undefined {
  if (!from.quantization || !to.quantization || from.dtype !== to.dtype || sameQuantization(from, to)) return undefined;
  if (to.dtype !== 'uint8' && to.dtype !== 'int8') {
    throw unsupported(node, `${to.dtype} parts that are quantized otherwise than the output`);
  }
  const [lo, hi] = integerRange(to.dtype);
  const inverse = Math.fround(1 / to.quantization.scale[0]!);
  const scale = Math.fround(from.quantization.scale[0]! * inverse);
  const bias = Math.fround(-from.quantization.zeroPoint[0]! * scale);
  const table = new Uint8Array(256);
  for (let q = lo; q <= hi; q++) {
    const value = roundAway(Math.fround(Math.fround(q * scale) + bias)) + to.quantization.zeroPoint[0]!;
    table[q & 255] = Math.min(hi, Math.max(lo, value));
  }
  return table;
}
