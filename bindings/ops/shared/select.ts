import { elementBits } from '../../dtype.js';
import { badShape, checkShape, count, input, invalid, output, type Shape, unsupported } from '../../graph/ir.js';
import type { Operator } from '../operator.js';
import { broadcastShape } from './broadcast.js';

const KERNELS = { 8: 'x8_select', 16: 'x16_select', 32: 'x32_select', 64: 'x64_select' } as const;

/** The block of assembly/kernels/select.ts; neighbouring dimensions in which the same operands advance are one. */
function block(shape: Shape, operands: readonly Shape[]): Int32Array {
  const dims: { size: number; moves: boolean[] }[] = [];
  for (const [i, size] of shape.entries()) {
    if (size === 1) continue;
    const moves = operands.map((s) => (s[i - shape.length + s.length] ?? 1) !== 1);
    const last = dims.at(-1);
    if (last && `${last.moves}` === `${moves}`) last.size *= size;
    else dims.push({ size, moves });
  }
  const inner = dims.pop() ?? { size: 1, moves: operands.map(() => true) };
  const strides = inner.moves.map((moves) => (moves ? inner.size : 1));
  const outer: number[] = [];
  for (const { size, moves } of dims.reverse()) {
    outer.unshift(size, ...moves.map((m, k) => (m ? strides[k]! : 0)));
    for (const [k, m] of moves.entries()) if (m) strides[k]! *= size;
  }
  return Int32Array.of(dims.length, inner.size, ...inner.moves.map(Number), ...outer);
}

/** `conditionOf` gives the condition the shape that it broadcasts with. */
export function selecting(name: string, broadcasts: boolean): Operator {
  const shapesOf = (condition: Shape, a: Shape): Shape =>
    // The old form: a vector that chooses whole slices.
    !broadcasts && condition.length === 1 && a.length > 1 ? [...condition, ...a.slice(1).map(() => 1)] : condition;
  return {
    name,
    infer(node) {
      const [condition, a, b, y] = [input(node, 0), input(node, 1), input(node, 2), output(node)];
      if (condition.dtype !== 'bool') throw invalid(node, `the condition is ${condition.dtype}, not bool`);
      if (a.dtype !== b.dtype || y.dtype !== a.dtype) {
        throw invalid(node, `inputs of types ${a.dtype} and ${b.dtype}, output of type ${y.dtype}`);
      }
      if (!(elementBits(a.dtype) in KERNELS)) throw unsupported(node, `dtype ${a.dtype}`);
      const shape = shapesOf(condition.shape, a.shape);
      if (broadcasts) return [broadcastShape(node, broadcastShape(node, shape, a.shape), b.shape)];
      checkShape(node, `${a.shape}` === `${b.shape}`, () => `[${a.shape}] and [${b.shape}] differ`);
      if (count(condition) !== 1 && broadcastShape(node, shape, a.shape).join() !== a.shape.join()) {
        throw badShape(node, `a condition of shape [${condition.shape}] for [${a.shape}]`);
      }
      return [a.shape];
    },
    inPlace: (node) => [1, 2].filter((i) => `${input(node, i).shape}` === `${output(node).shape}`),
    lower(node, plan) {
      const [condition, a, b, y] = [input(node, 0), input(node, 1), input(node, 2), output(node)];
      const shapes = [shapesOf(condition.shape, a.shape), a.shape, b.shape];
      const kernel = KERNELS[elementBits(a.dtype) as 8];
      plan.call(kernel, [condition, a, b, y, plan.constant(block(y.shape, shapes))], count(y));
    },
  };
}
