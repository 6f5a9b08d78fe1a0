// Reductions beyond the mean of floats and bytes.
import type { DType } from '../../dtype.js';
import { elementSize } from '../../dtype.js';
import {
  badShape,
  bytesOf,
  count,
  input,
  type OpNode,
  output,
  perTensor,
  type Shape,
  sameQuantization,
  unsupported,
  type Value,
} from '../../graph/ir.js';
import { integerRange, quantizeMultiplier } from '../../quantization.js';
import type { Kernels } from '../../runtime/kernels.js';
import { quantizedMean } from '../mean.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { convert, converted } from './convert.js';
import { callReduce, elementsOf, lowerPasses, rawSums, reduction, reductionPasses, TYPE } from './reduce.js';
import { throughFloat } from './unary.js';

export type ReductionOperation = 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all';

const PLAIN: readonly DType[] = ['float32', 'int32', 'int64'];
const QUANTIZED: readonly DType[] = ['uint8', 'int8', 'int16'];
const DTYPES: Record<ReductionOperation, readonly DType[]> = {
  sum: [...PLAIN, ...QUANTIZED, 'float16'],
  mean: [...PLAIN, ...QUANTIZED, 'float16'],
  prod: [...PLAIN, ...QUANTIZED],
  max: [...PLAIN, ...QUANTIZED, 'float16'],
  min: [...PLAIN, ...QUANTIZED, 'float16'],
  any: ['bool'],
  all: ['bool'],
};

/** TFLite rescales sums in float32. */
function lowerQuantizedSum(node: OpNode, plan: PlanBuilder, reduced: readonly boolean[]): void {
  const [x, y] = [input(node, 0), output(node)];
  const [p, q] = [perTensor(node, x), perTensor(node, y)];
  const { sums, n } = rawSums(node, plan, reduced);
  const { fround } = Math;
  const bytes = elementSize(y.dtype);
  const limits = integerRange(y.dtype);
  const scale = fround(p.scale / q.scale);
  if (plan.arithmetic === 'fast' && bytes === 1) {
    plan.call('s32_requantize_fast', [sums, y, bytes, p.zeroPoint * n, scale, q.zeroPoint, ...limits], count(y));
    return;
  }
  const bias = fround(fround(-p.zeroPoint * scale) * n);
  plan.call('s32_rescale', [sums, y, bytes, scale, bias, q.zeroPoint, ...limits], count(y));
}

/** Element offsets of all index combinations of the axes where `reduced` is `which`, in row-major order. */
function offsets(shape: Shape, reduced: readonly boolean[], which: boolean): Int32Array {
  let list = [0];
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (reduced[i] === which) {
      const inner = list;
      const step = stride;
      list = Array.from({ length: shape[i]! }, (_, k) => inner.map((o) => o + k * step)).flat();
    }
    stride *= shape[i]!;
  }
  return Int32Array.from(list);
}

function lowerQuantizedProd(node: OpNode, plan: PlanBuilder, reduced: readonly boolean[]): void {
  const x = input(node, 0);
  const y = output(node);
  const p = perTensor(node, x);
  const q = perTensor(node, y);
  const steps = offsets(x.shape, reduced, true);
  const { multiplier, shift } = quantizeMultiplier(p.scale / q.scale ** (1 / steps.length));
  const starts = plan.constant(offsets(x.shape, reduced, false));
  plan.call(
    x.dtype === 'int8' ? 'qs8_reduce_prod' : 'qs16_reduce_prod',
    [x, y, starts, plan.constant(steps), steps.length, p.zeroPoint, multiplier, shift, q.zeroPoint],
    count(y),
  );
}

const isQuantized = (x: Value) => QUANTIZED.includes(x.dtype);

/** A reduction of every type that TFLite has for it. */
export function anyReduction(name: string, operation: ReductionOperation): Operator {
  const mean = operation === 'mean';
  const check = (node: OpNode, x: Value, y: Value) => {
    if (!isQuantized(x)) return;
    // Elements without a scale are plain integers, of which there are no means and sums.
    if (!mean && operation !== 'sum' && !x.quantization && !y.quantization) return;
    if (operation === 'prod' && x.dtype === 'uint8') throw unsupported(node, 'quantized uint8');
    for (const v of [x, y]) {
      const { zeroPoint } = perTensor(node, v);
      if (x.dtype === 'int16' && zeroPoint !== 0) throw unsupported(node, `int16 with zero point ${zeroPoint}`);
    }
    if ((operation === 'max' || operation === 'min') && !sameQuantization(x, y)) {
      throw unsupported(node, 'input and output of different quantization');
    }
    if (operation === 'prod' && count(x) === 0) throw badShape(node, 'the input is empty');
  };
  return reduction(name, DTYPES[operation], check, (node, plan, reduced) => {
    const [x, y] = [input(node, 0), output(node)];
    if (isQuantized(x)) {
      if (mean) return quantizedMean(node, plan, reduced);
      if (operation === 'sum') return lowerQuantizedSum(node, plan, reduced);
      if (operation === 'prod' && reduced.includes(true) && x.quantization) {
        return lowerQuantizedProd(node, plan, reduced);
      }
    }
    const passes = reductionPasses(x.shape, reduced);
    if (passes.length === 0) return plan.copy(y, x, bytesOf(y));
    if (operation === 'prod' && isQuantized(x)) {
      const wide = plan.temporary(4 * count(y));
      lowerPasses(plan, passes, converted(plan, x, 'int32'), wide, 4, (pass, from, to) =>
        callReduce(plan, 's32_reduce_prod', pass, from, to),
      );
      return convert(plan, wide, 'int32', y, y.dtype, count(y));
    }
    // The least byte of none would be 255.
    if (operation === 'all' && count(x) === 0) {
      plan.call('x8_copy', [plan.constant(new Uint8Array(count(y)).fill(1)), y], count(y));
      return;
    }
    const half = x.dtype === 'float16';
    const type = half ? 'f32' : TYPE[x.dtype]!;
    throughFloat(plan, [x], y, ([from], to) => {
      if (!mean && operation !== 'sum') {
        const kernel = operation === 'any' ? 'max' : operation === 'all' ? 'min' : operation;
        lowerPasses(plan, passes, from!, to, half ? 4 : elementSize(x.dtype), (pass, from, to) =>
          callReduce(plan, `${type}_reduce_${kernel}`, pass, from, to),
        );
        return;
      }
      const n = mean ? elementsOf(passes) : 1;
      lowerPasses(plan, passes, from!, to, type === 'f32' ? 4 : 8, (pass, from, to, first, last) => {
        // Between passes, int32 sums are kept in 64 bits.
        const source = type === 's32' && !first ? 's64' : type;
        const target = type === 's32' && !last ? 's64' : type;
        const kernel = source === target ? `${source}_reduce_sum` : `${source}_${target}_reduce_sum`;
        callReduce(plan, kernel as keyof Kernels, pass, from, to, !last ? 1 : type === 'f32' ? n : Math.max(1, n));
      });
    });
  });
}
