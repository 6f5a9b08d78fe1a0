import { badShape, bytesOf, type OpNode, type Shape, type Value } from '../../graph/ir.js';
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
/** Output elements from which repeating a row pays. */
const MANY = 2048;

/**
 * Operands of an element-wise kernel and their block. A row that is the same for every pixel (a bias, PRELU's slopes, the
 * channels' weights of squeeze-and-excite) is copied for several pixels first: short rows cost more to begin than to compute.
 */
export function broadcastArgs(plan: PlanBuilder, a: Value, b: Value): [a: Arg, b: Arg, block: number] {
  const block = broadcastBlock(a.shape, b.shape);
  const [outer, n = 0, stepA, stepB, rows = 0, strideA = 0, strideB = 0] = block;
  const args: [Arg, Arg] = [a, b];
  if (outer === 1 && stepA && stepB && rows * n >= MANY && a.dtype !== 'float16') {
    let times = Math.floor(LONG / n);
    while (rows % times) times--;
    if (times > 1) {
      const i = strideA ? 1 : 0;
      const row = [a, b][i]!;
      const bytes = bytesOf(row);
      args[i] = plan.temporary(bytes * times);
      plan.call('xx_strided_copy', [row, args[i], bytes, plan.constant(Int32Array.of(times, 0, bytes)), 1], times);
      block.set([n * times, 1, 1, rows / times, strideA * times, strideB * times], 1);
    }
  }
  return [...args, plan.constant(block)];
}
