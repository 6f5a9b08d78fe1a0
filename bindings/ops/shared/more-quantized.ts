// Parameter blocks (see quantized.ts) of operators beyond the standard ones.
import { QuantizedOp } from '../../../assembly/lib/opcodes.js';
import { type OpNode, output, perTensor, type Value } from '../../graph/ir.js';
import type { PlanBuilder } from '../operator.js';
import { block, type QuantizedCall } from './quantized.js';

const { fround } = Math;

export function quantizedQuotient(node: OpNode, plan: PlanBuilder, a: Value, b: Value): QuantizedCall {
  const y = output(node);
  const real = fround(perTensor(node, a).scale / fround(perTensor(node, b).scale * perTensor(node, y).scale));
  return { op: QuantizedOp.DIV, params: plan.constant(block(node, a, b, y, { output: real })) };
}

export function quantizedSquaredDifference(node: OpNode, plan: PlanBuilder, a: Value, b: Value): QuantizedCall {
  const y = output(node);
  const [sa, sb, so] = [a, b, y].map((v) => perTensor(node, v).scale) as [number, number, number];
  const twice = 2 * Math.max(sa, sb);
  const multipliers = { a: sa / twice, b: sb / twice, output: (twice * twice) / (2 ** 14 * so), left: 7 };
  return { op: QuantizedOp.SQUARED_DIFFERENCE, params: plan.constant(block(node, a, b, y, multipliers)) };
}

export function quantizedPrelu(node: OpNode, plan: PlanBuilder, x: Value, alpha: Value): QuantizedCall {
  const y = output(node);
  const [sx, sa, so] = [x, alpha, y].map((v) => perTensor(node, v).scale) as [number, number, number];
  const multipliers = { a: fround(sx / so), output: fround(fround(sx * sa) / so) };
  return { op: QuantizedOp.PRELU, params: plan.constant(block(node, x, alpha, y, multipliers)) };
}

/** The block of a comparison: both operands with 8 more bits, times their scales. */
export function quantizedComparison(node: OpNode, plan: PlanBuilder, a: Value, b: Value): number {
  const [sa, sb] = [perTensor(node, a).scale, perTensor(node, b).scale];
  return plan.constant(block(node, a, b, null, { a: sa, b: sb, left: 8 }));
}

/** int16 is symmetric in TFLite. */
export function isSymmetric(node: OpNode, ...values: Value[]): boolean {
  return values.every((v) => perTensor(node, v).zeroPoint === 0);
}
