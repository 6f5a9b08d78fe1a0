import { elementSize } from '../../dtype.js';
import {
  badShape,
  checkShape,
  count,
  type Inference,
  input,
  invalid,
  type Known,
  type OpNode,
  output,
  unsupported,
} from '../../graph/ir.js';
import type { Operator, PlanBuilder } from '../operator.js';
import { steps } from './strided-copy.js';

/** A window along one dimension. */
export interface Sliding {
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly base: number;
  readonly low: number;
  readonly high: number;
}

/** In the order of the kernel's operations. */
const OPERATIONS = ['ADD', 'MUL', 'MINIMUM', 'MAXIMUM', 'ALL', 'ANY'];

const TYPES: Record<string, number> = {
  float32: 0,
  int8: 1,
  bool: 1,
  uint8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  float64: 6,
};

/** Less than nothing where nothing is dilated, as in TFLite. */
const dilated = (n: number, by: number) => (n - 1) * by + 1;

/** Sizes of the input once it is dilated, and of the output. */
function sizesOf(n: number, { window, stride, dilation, base, low, high }: Sliding) {
  const size = dilated(n, base);
  const padded = low + size + high;
  return {
    size,
    padded,
    output: Math.max(0, Math.floor((padded - dilated(window, dilation)) / stride) + 1),
  };
}

/** Axes as assembly/kernels/reduce-window.ts wants them, rows last. */
function axesOf(node: OpNode, sliding: readonly Sliding[]) {
  const x = input(node, 0);
  const bytes = elementSize(x.dtype);
  const xs = steps(x.shape);
  // Dimensions that the window leaves alone are one row.
  let run = 1;
  let rank = x.shape.length;
  for (; rank > 0; rank--) {
    const { window, stride, base, low, high } = sliding[rank - 1]!;
    if (window !== 1 || stride !== 1 || base !== 1 || low || high) break;
    run *= x.shape[rank - 1]!;
  }
  const axes = sliding.slice(0, rank).map((s, d) => {
    const { size, output } = sizesOf(x.shape[d]!, s);
    return [output, s.stride, s.window, s.dilation, s.low, size, s.base, xs[d]! * bytes];
  });
  if (run > 1 || rank === 0 || sliding[rank - 1]!.base > 1) axes.push([run, 1, 1, 1, 0, run, 1, bytes]);
  return axes;
}

/** REDUCE_WINDOW and STABLEHLO_REDUCE_WINDOW: each window over input 0 is folded, beginning with input 1. */
export function windowReduction(
  name: string,
  slide: (node: OpNode, known: Known, rank: number) => readonly Sliding[],
  operation: (node: OpNode, known: Pick<Inference, 'options'> | PlanBuilder) => string,
): Operator {
  const code = (node: OpNode, known: Inference | PlanBuilder) => {
    const found = OPERATIONS.indexOf(operation(node, known));
    if (found < 0) throw unsupported(node, 'a reduction by anything but one operator');
    return found;
  };
  return {
    name,
    infer(node, known) {
      const [x, init, y] = [input(node, 0), input(node, 1), output(node)];
      if (!(x.dtype in TYPES)) throw unsupported(node, `input of type ${x.dtype}`);
      for (const { dtype } of [init, y]) {
        if (dtype !== x.dtype) throw invalid(node, `the input is ${x.dtype}, the initial value or the output ${dtype}`);
      }
      checkShape(node, count(init) > 0, () => 'there is no initial value');
      code(node, known);
      checkShape(node, x.shape.length > 0, () => 'the input is a scalar');
      const sliding = slide(node, known, x.shape.length);
      for (const { window, stride, dilation, base } of sliding) {
        if (![window, stride, dilation, base].every((n) => Number.isInteger(n) && n > 0)) {
          throw invalid(node, `window ${window}, stride ${stride} and dilations ${dilation}, ${base} must be positive`);
        }
      }
      const sizes = x.shape.map((n, d) => sizesOf(n, sliding[d]!));
      if (!sizes.every(({ padded }, d) => padded * sliding[d]!.base < 2 ** 31))
        throw badShape(node, 'sizes beyond 2^31');
      const isPadded = sliding.some((s) => s.low || s.high);
      if (sizes.some(({ padded, size }) => size < 0 || (isPadded && padded <= 0))) {
        throw badShape(node, `nothing is left of [${x.shape}]`);
      }
      return [sizes.map((size) => size.output)];
    },
    lower(node, plan) {
      const [x, init, y] = [input(node, 0), input(node, 1), output(node)];
      if (count(y) === 0) return;
      const axes = axesOf(node, slide(node, plan, x.shape.length));
      const [type, size, table] = [TYPES[x.dtype]!, elementSize(x.dtype), plan.constant(Int32Array.from(axes.flat()))];
      const state = plan.scratch(axes.length * 8);
      const rows = count(y) / axes.at(-1)![0]!;
      plan.call('xx_reduce_window', [x, y, init, type, code(node, plan), size, table, axes.length, state], rows);
    },
    macs(node) {
      return count(output(node));
    },
  };
}
