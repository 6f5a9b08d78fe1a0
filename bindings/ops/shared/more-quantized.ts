// Parameter blocks (see quantized.ts) of operators beyond the standard ones.
import { QuantizedOp } from '../../../assembly/lib/opcodes.js';
import { type OpNode, output, perTensor, unsupported, type Value } from '../../graph/ir.js';
import { quantizedActivationRange } from '../../quantization.js';
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

/** int16 sums of scales that are powers of two shift, if the options ask for it (as they do by default). */
export function byShifts(node: OpNode, a: Value, b: Value, y: Value): boolean {
  const isPower = (v: Value) => Math.abs(exponentOf(node, v) - Math.round(exponentOf(node, v))) < 1e-3;
  return a.dtype === 'int16' && !!node.options.potScaleInt16 && [a, b, y].every(isPower);
}

const exponentOf = (node: OpNode, v: Value) => Math.log2(perTensor(node, v).scale);

/** How far right each operand moves; one of them must lie as the output does. */
export function shiftsOf(node: OpNode, a: Value, b: Value, y: Value): [a: number, b: number] {
  const [sa, sb, so] = [a, b, y].map((v) => Math.round(exponentOf(node, v))) as [number, number, number];
  const shifts: [number, number] = [so - sa, so - sb];
  if (Math.min(...shifts) !== 0 || Math.max(...shifts) > 31) {
    throw unsupported(
      node,
      `scales 2^${sa}, 2^${sb} for 2^${so}: none of the inputs has the output's, or one is larger`,
    );
  }
  return shifts;
}

/** 1 as a multiplier and a left shift. */
const ONE = [2 ** 30, 1] as const;

/** ADD and SUB of operands that move right by `shifts`, halves away from zero, and saturate. */
export function sumOfShifted(
  node: OpNode,
  plan: PlanBuilder,
  [a, b]: readonly [number, number],
  sign: 1 | -1,
): QuantizedCall {
  const y = output(node);
  const words = block(node, y, y, y, { left: 1, extra: sign });
  words.set([ONE[0], -a, ONE[0], -b, ...ONE], 7);
  return { op: QuantizedOp.ADD_EXACT, params: plan.constant(words) };
}

/** MUL of int16 in 15 fractional bits to 8 bits in 7, plus the zero point; scales do not count. */
export function narrowProduct(node: OpNode, plan: PlanBuilder, y: Value): number {
  const { zeroPoint } = perTensor(node, y);
  const limits = quantizedActivationRange(node.options.fusedActivationFunction ?? 'NONE', y.dtype, y.quantization!);
  return plan.constant(Int32Array.of(0, 0, 0, zeroPoint, ...limits, 0, 0, 0, 0, 0, 2 ** 16, -8, 0));
}

/** int16 is symmetric in TFLite. */
export function isSymmetric(node: OpNode, ...values: Value[]): boolean {
  return values.every((v) => perTensor(node, v).zeroPoint === 0);
}
