import type { DType } from '../../dtype.js';
import { elementCount, elementSize } from '../../dtype.js';
import {
  badShape,
  bytesOf,
  count,
  input,
  invalid,
  type Known,
  normalizeAxis,
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
import type { Arg, Operator, PlanBuilder } from '../operator.js';

export type ReductionOperation = 'sum' | 'mean' | 'prod' | 'max' | 'min' | 'any' | 'all';

/** One step: x [outer, n, inner] reduced to [outer, inner]. */
interface Pass {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** The axes of a reduction, negative and repeated ones resolved. A scalar has none, whatever the tensor says. */
function reducedAxes(node: OpNode, known: Known): boolean[] {
  const { shape } = input(node, 0);
  const reduced = shape.map(() => false);
  if (shape.length > 0)
    for (const a of known.values(input(node, 1))) reduced[normalizeAxis(node, a, shape.length)] = true;
  return reduced;
}

/**
 * The passes that reduce `shape`: neighbouring axes of one kind are one, axes of size 1 vanish, and the groups to
 * reduce go one after the other from the last. Empty where nothing is left to reduce.
 */
export function reductionPasses(shape: Shape, reduced: readonly boolean[]): Pass[] {
  const groups: { size: number; reduced: boolean }[] = [];
  shape.forEach((size, i) => {
    if (size === 1) return;
    const last = groups.at(-1);
    if (last && last.reduced === reduced[i]) last.size *= size;
    else groups.push({ size, reduced: reduced[i]! });
  });
  const passes: Pass[] = [];
  let inner = 1;
  for (let i = groups.length - 1; i >= 0; i--) {
    const { size, reduced } = groups[i]!;
    if (reduced) passes.push({ outer: elementCount(groups.slice(0, i).map((g) => g.size)), n: size, inner });
    else inner *= size;
  }
  return passes;
}

const TYPE: Partial<Record<DType, string>> = {
  float32: 'f32',
  int32: 's32',
  int64: 's64',
  int16: 's16',
  int8: 's8',
  uint8: 'u8',
  bool: 'u8',
};

const PLAIN: readonly DType[] = ['float32', 'int32', 'int64'];
const QUANTIZED: readonly DType[] = ['uint8', 'int8', 'int16'];
const DTYPES: Record<ReductionOperation, readonly DType[]> = {
  sum: [...PLAIN, ...QUANTIZED],
  mean: [...PLAIN, ...QUANTIZED],
  prod: [...PLAIN, 'int8', 'int16'],
  max: [...PLAIN, ...QUANTIZED],
  min: [...PLAIN, ...QUANTIZED],
  any: ['bool'],
  all: ['bool'],
};

/** Lowers `passes` from x to y through scratch memory; `step` appends one call. `width` is the element size between passes. */
function lowerPasses(
  plan: PlanBuilder,
  passes: readonly Pass[],
  x: Arg,
  y: Arg,
  width: number,
  step: (pass: Pass, x: Arg, y: Arg, first: boolean, last: boolean) => void,
): void {
  let from = x;
  passes.forEach((pass, i) => {
    const last = i === passes.length - 1;
    const to = last ? y : plan.scratch(pass.outer * pass.inner * width);
    step(pass, from, to, i === 0, last);
    from = to;
  });
}

/** A call of a kernel whose name is put together; all reductions share their first four parameters and the unit range. */
function callReduce(plan: PlanBuilder, kernel: string, pass: Pass, x: Arg, y: Arg, ...more: number[]): void {
  const { outer, n, inner } = pass;
  plan.call(kernel as 'f32_reduce_max', [x, y, n, inner, ...more] as [Arg, Arg, Arg, Arg], outer * inner);
}

/**
 * SUM and MEAN of quantized elements: int32 sums of the raw elements, then one rescale. TFLite has three arithmetics:
 * SUM in float32; MEAN in fixed point with the zero point taken off before; and MEAN over height and width of a 4D tensor
 * with kept dimensions, in fixed point with the zero point as a rounded bias after.
 */
function lowerQuantizedSum(node: OpNode, plan: PlanBuilder, mean: boolean, reduced: readonly boolean[]): void {
  const x = input(node, 0);
  const y = output(node);
  const outputs = count(y);
  let passes = reductionPasses(x.shape, reduced);
  if (passes.length === 0) passes = [{ outer: outputs, n: 1, inner: 1 }];
  const n = passes.reduce((product, pass) => product * pass.n, 1);
  const sums = plan.scratch(outputs * 4);
  lowerPasses(plan, passes, x, sums, 4, (pass, from, to, first) => {
    if (first) callReduce(plan, `${TYPE[x.dtype]}_s32_reduce_sum`, pass, from, to);
    else callReduce(plan, 's32_reduce_sum', pass, from, to, 1);
  });

  const { fround } = Math;
  const p = perTensor(node, x);
  const q = perTensor(node, y);
  const [lo, hi] = integerRange(y.dtype);
  const bytes = elementSize(y.dtype);
  if (plan.arithmetic === 'fast' && bytes === 1) {
    const scale = fround(p.scale / q.scale / (mean ? Math.max(1, n) : 1));
    plan.call('s32_requantize_fast', [sums, y, bytes, p.zeroPoint * n, scale, q.zeroPoint, lo, hi], outputs);
    return;
  }
  if (!mean) {
    const scale = fround(p.scale / q.scale);
    const bias = fround(fround(-p.zeroPoint * scale) * n);
    plan.call('s32_rescale', [sums, y, bytes, scale, bias, q.zeroPoint, lo, hi], outputs);
    return;
  }
  const overImage = x.shape.length === 4 && node.options.keepDims && reduced.join() === 'false,true,true,false';
  if (overImage && x.dtype !== 'int16') {
    const zero = fround(fround(p.zeroPoint * p.scale) / q.scale);
    const bias = q.zeroPoint - Math.trunc(fround(zero + (zero > 0 ? 0.5 : -0.5)));
    const { multiplier, shift } = quantizeMultiplier(fround(p.scale / fround(n * q.scale)));
    plan.call('s32_requantize', [sums, y, bytes, 0, multiplier, shift, bias, lo, hi], outputs);
    return;
  }
  // The division by n goes into the multiplier; TFLite truncates it.
  const real = quantizeMultiplier(p.scale / q.scale);
  const extra = Math.min(Math.floor(Math.log2(Math.max(1, n))), 32, 31 + real.shift);
  const multiplier = Number((BigInt(real.multiplier) << BigInt(extra)) / BigInt(Math.max(1, n)));
  plan.call(
    's32_requantize',
    [sums, y, bytes, p.zeroPoint * n, multiplier, real.shift - extra, q.zeroPoint, lo, hi],
    outputs,
  );
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

/** An operator `name(x, axes)` that folds x along some of its axes. */
export function reduction(name: string, operation: ReductionOperation): Operator {
  return {
    name,
    infer(node, known) {
      const x = input(node, 0);
      const axis = input(node, 1);
      const y = output(node);
      if (!DTYPES[operation].includes(x.dtype)) throw unsupported(node, `input of type ${x.dtype}`);
      if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype} as the input`);
      if (axis.dtype !== 'int32') throw unsupported(node, `axes of type ${axis.dtype}`);
      if (isQuantized(x)) {
        for (const v of [x, y]) {
          const { zeroPoint } = perTensor(node, v);
          if (x.dtype === 'int16' && zeroPoint !== 0) throw unsupported(node, `int16 with zero point ${zeroPoint}`);
        }
        if ((operation === 'max' || operation === 'min') && !sameQuantization(x, y)) {
          throw unsupported(node, 'input and output of different quantization');
        }
      }
      const reduced = reducedAxes(node, known);
      const shape = x.shape.map((d, i) => (reduced[i] ? 1 : d));
      if (operation === 'prod' && isQuantized(x) && count(x) === 0) throw badShape(node, 'the input is empty');
      return [node.options.keepDims ? shape : shape.filter((_, i) => !reduced[i])];
    },
    lower(node, plan) {
      const x = input(node, 0);
      const y = output(node);
      const mean = operation === 'mean';
      const reduced = reducedAxes(node, plan);
      if (isQuantized(x)) {
        if (mean || operation === 'sum') return lowerQuantizedSum(node, plan, mean, reduced);
        if (operation === 'prod' && reduced.includes(true)) return lowerQuantizedProd(node, plan, reduced);
      }
      const passes = reductionPasses(x.shape, reduced);
      if (passes.length === 0) return plan.copy(y, x, bytesOf(y));
      const type = TYPE[x.dtype]!;
      if (!mean && operation !== 'sum') {
        const kernel = operation === 'any' ? 'max' : operation === 'all' ? 'min' : operation;
        lowerPasses(plan, passes, x, y, elementSize(x.dtype), (pass, from, to) =>
          callReduce(plan, `${type}_reduce_${kernel}`, pass, from, to),
        );
        return;
      }
      const n = mean ? passes.reduce((product, pass) => product * pass.n, 1) : 1;
      lowerPasses(plan, passes, x, y, type === 'f32' ? 4 : 8, (pass, from, to, first, last) => {
        // Between passes, int32 sums are kept in 64 bits.
        const source = type === 's32' && !first ? 's64' : type;
        const target = type === 's32' && !last ? 's64' : type;
        const kernel = source === target ? `${source}_reduce_sum` : `${source}_${target}_reduce_sum`;
        callReduce(plan, kernel as keyof Kernels, pass, from, to, !last ? 1 : type === 'f32' ? n : Math.max(1, n));
      });
    },
  };
}
