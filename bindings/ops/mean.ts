import { elementSize } from '../dtype.js';
import { bytesOf, count, input, type OpNode, output, perTensor } from '../graph/ir.js';
import { integerRange, quantizeMultiplier } from '../quantization.js';
import type { PlanBuilder } from './operator.js';
import { callReduce, elementsOf, lowerPasses, rawSums, reduction, reductionPasses } from './shared/reduce.js';

const { fround } = Math;

function lowerFloat(node: OpNode, plan: PlanBuilder, reduced: readonly boolean[]): void {
  const [x, y] = [input(node, 0), output(node)];
  const passes = reductionPasses(x.shape, reduced);
  if (passes.length === 0) plan.copy(y, x, bytesOf(y));
  lowerPasses(plan, passes, x, y, 4, (pass, from, to, _, last) => {
    callReduce(plan, 'f32_reduce_sum', pass, from, to, last ? elementsOf(passes) : 1);
  });
}

/**
 * Means of quantized elements: raw sums, then one rescale. TFLite has two arithmetics, both in fixed point: over height
 * and width of a 4D tensor of bytes with kept dimensions, the zero point is a rounded bias after; else it is taken off before.
 */
export function quantizedMean(node: OpNode, plan: PlanBuilder, reduced: readonly boolean[]): void {
  const [x, y] = [input(node, 0), output(node)];
  const [p, q] = [perTensor(node, x), perTensor(node, y)];
  const { sums, n } = rawSums(node, plan, reduced);
  const bytes = elementSize(y.dtype);
  const limits = integerRange(y.dtype);
  // The mean of nothing is NaN, which TFLite makes a 0 of.
  const zero = n && q.zeroPoint;
  if (plan.arithmetic === 'fast' && bytes === 1) {
    const scale = fround(p.scale / q.scale / Math.max(1, n));
    plan.call('s32_requantize_fast', [sums, y, bytes, p.zeroPoint * n, scale, zero, ...limits], count(y));
    return;
  }
  if (n && bytes === 1 && x.shape.length === 4 && node.options.keepDims && `${reduced}` === 'false,true,true,false') {
    const offset = fround(fround(p.zeroPoint * p.scale) / q.scale);
    const bias = zero - Math.trunc(fround(offset + (offset > 0 ? 0.5 : -0.5)));
    const { multiplier, shift } = quantizeMultiplier(fround(p.scale / fround(n * q.scale)));
    plan.call('s32_requantize', [sums, y, bytes, 0, multiplier, shift, bias, ...limits], count(y));
    return;
  }
  // The division by n goes into the multiplier; TFLite truncates it.
  const real = quantizeMultiplier(p.scale / q.scale);
  const extra = Math.min(Math.floor(Math.log2(Math.max(1, n))), 32, 31 + real.shift);
  const multiplier = Number((BigInt(real.multiplier) << BigInt(extra)) / BigInt(Math.max(1, n)));
  const args = [sums, y, bytes, p.zeroPoint * n, multiplier, real.shift - extra, zero, ...limits] as const;
  plan.call('s32_requantize', [...args], count(y));
}

export const mean = reduction(
  'MEAN',
  ['float32', 'int8', 'uint8'],
  (node, x, y) => {
    if (x.dtype !== 'float32') for (const v of [x, y]) perTensor(node, v);
  },
  (node, plan, reduced) => (input(node, 0).dtype === 'float32' ? lowerFloat : quantizedMean)(node, plan, reduced),
);
