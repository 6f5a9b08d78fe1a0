import { badShape, count, type OpNode, type Shape, type Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder } from '../operator.js';

/** The shape of an element-wise operator's output: dimensions from the right, those of size 1 stretch. */
export function broadcastShape(node: OpNode, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) throw badShape(node, `shapes [${a}] and [${b}] do not broadcast`);
    return p === 1 ? q : p;
  });
}

/**
 * How two operands walk over their common output, as the block that `assembly/lib/broadcast.ts` reads:
 * { outer dimensions, n, strideA, strideB, then { dim, strideA, strideB } each, outermost first }.
 * Neighbouring dimensions in which the same operands advance are one.
 */
export function broadcastBlock(a: Shape, b: Shape): Int32Array {
  const rank = Math.max(a.length, b.length);
  const dims: { size: number; a: boolean; b: boolean }[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    const size = p === 1 ? q : p;
    const last = dims.at(-1);
    if (size === 1) continue;
    if (last && last.a === (p !== 1) && last.b === (q !== 1)) last.size *= size;
    else dims.push({ size, a: p !== 1, b: q !== 1 });
  }
  const inner = dims.pop() ?? { size: 1, a: true, b: true };
  let strideA = inner.a ? inner.size : 1;
  let strideB = inner.b ? inner.size : 1;
  const block: number[] = [];
  for (const d of dims.reverse()) {
    block.unshift(d.size, d.a ? strideA : 0, d.b ? strideB : 0);
    if (d.a) strideA *= d.size;
    if (d.b) strideB *= d.size;
  }
  return Int32Array.of(dims.length, inner.size, Number(inner.a), Number(inner.b), ...block);
}

/** Elements that a repeated row may have. */
const LONG = 512;

/**
 * Operands of an element-wise kernel with their shapes. A constant that is the same for every pixel (a bias, PRELU's slopes) is
 * written out for several pixels, since short rows cost more to begin than to compute.
 */
export function longRows(plan: PlanBuilder, a: Value, b: Value): { args: [Arg, Arg]; shapes: [Shape, Shape] } {
  for (const [row, full] of [
    [b, a],
    [a, b],
  ] as const) {
    const shape = row.shape.slice(row.shape.findIndex((d) => d !== 1));
    const n = count(row);
    if (!row.constant || n < 2 || row.dtype === 'float16' || full.shape.slice(-shape.length).join() !== shape.join())
      continue;
    const rows = count(full) / n;
    let times = Math.floor(LONG / n);
    while (times > 1 && rows % times) times--;
    if (times < 2) continue;
    const { buffer, byteOffset, byteLength } = plan.read(row);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const repeated = plan.packed(`repeat:${row.constant.id}:${times}`, byteLength * times, (address) => {
      for (let i = 0; i < times; i++) plan.bytes(address + i * byteLength, byteLength).set(bytes);
    });
    const shapes: [Shape, Shape] = [[rows / times, n * times], [n * times]];
    return row === b ? { args: [a, repeated], shapes } : { args: [repeated, b], shapes: [shapes[1], shapes[0]] };
  }
  return { args: [a, b], shapes: [a.shape, b.shape] };
}
