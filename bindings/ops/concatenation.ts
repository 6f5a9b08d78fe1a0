import { elementCount } from '../dtype.js';
import {
  badShape,
  count,
  input,
  invalid,
  normalizeAxis,
  type OpNode,
  output,
  sameQuantization,
  unsupported,
  type Value,
} from '../graph/ir.js';
import { integerRange, roundAway } from '../quantization.js';
import type { Operator, PlanBuilder } from './operator.js';
import { past } from './shared/gemm.js';
import { PACKED, packBits, unpackedBits } from './shared/packed-bits.js';
import { type Move, movement, splice } from './shared/strided-copy.js';

/** How the parts become rows of the output. */
function describe(node: OpNode) {
  const to = output(node);
  const parts = node.inputs.map((_, i) => input(node, i));
  // Scalars make a vector.
  const shapes = parts.map(({ shape }) => (shape.length ? shape : [1]));
  const first = shapes[0]!;
  const axis = normalizeAxis(node, node.options.axis, first.length);
  if ((node.options.fusedActivationFunction ?? 'NONE') !== 'NONE') throw unsupported(node, 'a fused activation');
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((n, d) => d !== axis && n !== first[d])) {
      throw badShape(node, `cannot join [${first}] and [${shape}] along axis ${axis}`);
    }
  }
  const outer = elementCount(first.slice(0, axis));
  const inner = elementCount(first.slice(axis + 1));
  const total = shapes.reduce((n, shape) => n + shape[axis]!, 0);
  let toOffset = 0;
  const moves = parts.map((from, i): Move & { readonly from: Value } => {
    const row = shapes[i]![axis]! * inner;
    const move = {
      from,
      to,
      axes: [
        [outer, row, total * inner],
        [row, 1, 1],
      ] as const,
      toOffset,
      table: requantization(from, to),
    };
    toOffset += row;
    return move;
  });
  return { shapes: [splice(first, axis, 1, total)], moves };
}

/**
 * Joins along an axis: parts are rows of the output. Parts of uint8 (and, more than TFLite does, int8) that are quantized
 * otherwise than the output go through a table.
 */
const joined = movement('CONCATENATION', describe);

const isPacked = (node: OpNode) => PACKED.includes(output(node).dtype);

/** Rows of 4 bits may begin within a byte: they are joined as bytes. */
function lowerPacked(node: OpNode, plan: PlanBuilder): void {
  const y = output(node);
  const all = plan.temporary(count(y));
  for (const { from, axes, toOffset = 0 } of describe(node).moves) {
    const [[outer, row, step]] = axes as [readonly [number, number, number]];
    if (outer * row === 0) continue;
    const grid = plan.constant(Int32Array.of(outer, row, step));
    plan.call('xx_strided_copy', [unpackedBits(plan, from), past(all, toOffset), row, grid, 1], outer);
  }
  packBits(plan, all, y);
}

/** With types of which several elements are in a byte. */
export const concatenation: Operator = {
  ...joined,
  infer(node, known) {
    if (!isPacked(node)) return joined.infer(node, known);
    const { shapes, moves } = describe(node);
    for (const { from, to } of moves) {
      if (from.dtype !== to.dtype) throw invalid(node, `input is ${from.dtype}, output ${to.dtype}`);
    }
    return shapes;
  },
  lower: (node, plan) => (isPacked(node) ? lowerPacked(node, plan) : joined.lower(node, plan)),
  aliases: (node, known) => (isPacked(node) ? [] : joined.aliases!(node, known)),
};

/**
 * TFLite's ConcatenationWithScaling: in float, rounding half away from zero. Undefined where nothing changes; wider and
 * narrower types than bytes are copied as they are, whatever their scales.
 */
function requantization(from: Value, to: Value): Uint8Array | undefined {
  if (!from.quantization || !to.quantization || from.dtype !== to.dtype || sameQuantization(from, to)) return undefined;
  if (to.dtype !== 'uint8' && to.dtype !== 'int8') return undefined;
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
