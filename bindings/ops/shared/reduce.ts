import type { DType } from '../../dtype.js';
import { elementCount } from '../../dtype.js';
import {
  count,
  input,
  invalid,
  type Known,
  normalizeAxis,
  type OpNode,
  output,
  type Shape,
  unsupported,
  type Value,
} from '../../graph/ir.js';
import type { Arg, Operator, PlanBuilder, Scratch } from '../operator.js';

/** One step: x [outer, n, inner] reduced to [outer, inner]. */
export interface Pass {
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

export const TYPE: Partial<Record<DType, string>> = {
  float32: 'f32',
  int32: 's32',
  int64: 's64',
  int16: 's16',
  int8: 's8',
  uint8: 'u8',
  bool: 'u8',
};

/** Lowers `passes` from x to y through temporary memory; `step` appends one call. `width` is the element size between passes. */
export function lowerPasses(
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
    const to = last ? y : plan.temporary(pass.outer * pass.inner * width);
    step(pass, from, to, i === 0, last);
    from = to;
  });
}

/** A call of a kernel whose name is put together; all reductions share their first four parameters and the unit range. */
export function callReduce(plan: PlanBuilder, kernel: string, pass: Pass, x: Arg, y: Arg, ...more: number[]): void {
  const { outer, n, inner } = pass;
  plan.call(kernel as 'f32_reduce_max', [x, y, n, inner, ...more] as [Arg, Arg, Arg, Arg], outer * inner);
}

/** Elements that go into one output. */
export const elementsOf = (passes: readonly Pass[]) => passes.reduce((product, pass) => product * pass.n, 1);

/** int32 sums of the raw elements of an 8- or 16-bit input, and how many elements are in each. */
export function rawSums(node: OpNode, plan: PlanBuilder, reduced: readonly boolean[]): { sums: Scratch; n: number } {
  const x = input(node, 0);
  const outputs = count(output(node));
  let passes = reductionPasses(x.shape, reduced);
  if (passes.length === 0) passes = [{ outer: outputs, n: 1, inner: 1 }];
  const sums = plan.temporary(outputs * 4);
  lowerPasses(plan, passes, x, sums, 4, (pass, from, to, first) => {
    if (first) callReduce(plan, `${TYPE[x.dtype]}_s32_reduce_sum`, pass, from, to);
    else callReduce(plan, 's32_reduce_sum', pass, from, to, 1);
  });
  return { sums, n: elementsOf(passes) };
}

/** An operator `name(x, axes)` that folds x along some of its axes. */
export function reduction(
  name: string,
  dtypes: readonly DType[],
  check: (node: OpNode, x: Value, y: Value) => void,
  lower: (node: OpNode, plan: PlanBuilder, reduced: readonly boolean[]) => void,
): Operator {
  return {
    name,
    infer(node, known) {
      const [x, axis, y] = [input(node, 0), input(node, 1), output(node)];
      if (!dtypes.includes(x.dtype)) throw unsupported(node, `input of type ${x.dtype}`);
      if (y.dtype !== x.dtype) throw invalid(node, `output is ${y.dtype}, expected ${x.dtype} as the input`);
      if (axis.dtype !== 'int32') throw unsupported(node, `axes of type ${axis.dtype}`);
      check(node, x, y);
      const reduced = reducedAxes(node, known);
      if (node.options.keepDims) return [x.shape.map((d, i) => (reduced[i] ? 1 : d))];
      return [x.shape.filter((_, i) => !reduced[i])];
    },
    lower: (node, plan) => lower(node, plan, reducedAxes(node, plan)),
  };
}
