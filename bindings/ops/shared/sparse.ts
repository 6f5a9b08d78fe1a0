import { type TypedArray, typedArrayOf } from '../../dtype.js';
import { count, invalid, type OpNode, type Value } from '../../graph/ir.js';
import type { PlanBuilder } from '../operator.js';
import { steps } from './strided-copy.js';

/**
 * The elements of a sparse constant. The format is TACO's: levels in `traversalOrder`, which names the tensor's
 * dimensions and then those of its blocks, are dense or compressed rows; see SparsityParameters in the schema.
 */
export function denseElements(node: OpNode, plan: PlanBuilder, x: Value): TypedArray {
  const dense = new (typedArrayOf(x.dtype))(count(x));
  if (dense.length) scatter(node, x, plan.read(x), dense);
  return dense;
}

function scatter(node: OpNode, x: Value, packed: TypedArray, dense: TypedArray): void {
  const { traversalOrder, blockMap, dimensions } = x.sparsity!;
  const rank = x.shape.length;
  const depth = traversalOrder.length;
  const broken = () => invalid(node, `the sparsity of '${x.name}' does not describe [${x.shape}]`);

  // Step in the dense tensor and number of points, by dimension, those of blocks last.
  const size = new Map<number, number>();
  for (const [level, d] of traversalOrder.entries()) size.set(d, dimensions[level]?.denseSize ?? 0);
  const stepOf = steps(x.shape);
  const points = [...x.shape];
  for (const [b, d] of blockMap.entries()) {
    const block = size.get(rank + b);
    if (!block || points[d]! % block) throw broken();
    stepOf.push(stepOf[d]!);
    points.push(block);
    stepOf[d]! *= block;
    points[d]! /= block;
  }
  if (depth !== points.length || size.size !== depth || traversalOrder.some((d) => points[d] === undefined))
    throw broken();

  let next = 0;
  const visit = (level: number, row: number, at: number): void => {
    const d = traversalOrder[level]!;
    const { format, denseSize, segments, indices } = dimensions[level]!;
    const isDense = format === 'DENSE';
    const begin = isDense ? row * denseSize : segments[row]!;
    const end = isDense ? begin + denseSize : segments[row + 1]!;
    if (isDense ? denseSize !== points[d] : !(end <= indices.length)) throw broken();
    const [extent, step, isLast] = [points[d]!, stepOf[d]!, level === depth - 1];
    if (isLast && next + end - begin > packed.length) throw broken();
    for (let i = begin; i < end; i++) {
      const index = isDense ? i - begin : indices[i]!;
      if (!(index >= 0 && index < extent)) throw broken();
      if (isLast) dense[at + index * step] = packed[next++]!;
      else visit(level + 1, i, at + index * step);
    }
  };
  if (depth) visit(0, 0, 0);
  else if (packed.length) dense[0] = packed[0]!;
  else throw broken();
}
