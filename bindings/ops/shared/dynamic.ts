// Float activations that meet integer weights: quantized at run time, and made floats again behind the sums.
import { BinaryOp } from '../../../assembly/lib/opcodes.js';
import { count, type Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder } from '../operator.js';
import { broadcastBlock } from './broadcast.js';
import { type Activations, byGroups, dotOperand, type Epilogue } from './gemm.js';

/** A mode of lib/gemm-qs8.ts. */
const FLOAT = 5;

/** Float outputs: sum * row scale * channel scale + bias, clamped. */
export function floatEpilogue(
  plan: PlanBuilder,
  scales: Float32Array,
  bias: Value | null,
  [lo, hi]: readonly [number, number],
  groups = 1,
): Epilogue {
  const scale = byGroups(scales, groups);
  const added = bias && byGroups(plan.read(bias) as Float32Array, groups);
  const block = new Float32Array(scale.length * 2);
  for (const [i, s] of scale.entries()) {
    block[(i >> 2) * 8 + (i & 3)] = s;
    block[(i >> 2) * 8 + 4 + (i & 3)] = added?.[i] ?? 0;
  }
  return [plan.constant(block), FLOAT, plan.constant(new Float32Array(8).fill(lo, 0, 4).fill(hi, 4))];
}

/** What floats are not above, and not below 0, by their activation. */
const bounds = new WeakMap<Value, number>();

/** Notes what an activation makes known of y. */
export function clampBounds(y: Value, [lo, hi]: readonly [number, number]): void {
  if (lo === 0) bounds.set(y, hi);
}

/** Appends the call of a product to y with such an epilogue; a bias that is not constant is added after it. */
export function withBias(
  plan: PlanBuilder,
  scales: Float32Array,
  bias: Value | null,
  y: Value,
  clamp: readonly [number, number],
  groups: number,
  product: (epilogue: Epilogue) => void,
): void {
  clampBounds(y, clamp);
  if (!bias || bias.constant) {
    product(floatEpilogue(plan, scales, bias, clamp, groups));
    return;
  }
  product(floatEpilogue(plan, scales, null, [-Infinity, Infinity], groups));
  const shape = plan.constant(broadcastBlock(y.shape, [count(bias)]));
  plan.call('f32_binary', [BinaryOp.ADD, y, bias, y, shape, plan.constant(Float32Array.from(clamp))], count(y));
}

/** Elements of a piece of a long row, for threads to share. */
const QUANTIZED_PIECE = 8192;

/** Quantizes float rows to int8 at run time, each row by itself; flipped if products take that as it is and `flips`. */
export function dynamicQuantize(
  plan: PlanBuilder,
  x: Arg,
  rows: number,
  k: number,
  asymmetric: boolean,
  flips = false,
): Activations {
  const flip = (flips && dotOperand(plan, { flip: 0, zeroPoint: 0 })?.flip) || 0;
  const bytes = plan.temporary(rows * k + 16);
  const dynamic = plan.temporary(rows * 8);
  const pieces = Math.max(1, Math.round(k / QUANTIZED_PIECE));
  const ranges = pieces > 1 ? plan.temporary(rows * pieces * 8) : 0;
  if (ranges) {
    const most = bounds.get(x as Value) ?? Infinity;
    plan.call('f32_dynamic_range', [x, ranges, k, pieces, most], rows * pieces);
  }
  plan.call('f32_dynamic_quantize', [x, bytes, dynamic, ranges, k, pieces, asymmetric ? 1 : 0, flip], rows * pieces);
  return { x: bytes, flip, zeroPoint: 0, dynamic };
}
