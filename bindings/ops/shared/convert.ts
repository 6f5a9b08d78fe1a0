import { DTYPES, type DType, elementSize } from '../../dtype.js';
import { count, type Value } from '../../graph/ir.js';
import type { Arg, PlanBuilder } from '../operator.js';

/** Elements of one plain type as another, by CAST's rules. */
export function convert(plan: PlanBuilder, x: Arg, from: DType, y: Arg, to: DType, n: number): void {
  if (from === 'float16' && to === 'float32') plan.call('f16_f32_convert', [x, y], n);
  else if (from === 'float32' && to === 'float16') plan.call('f32_f16_convert', [x, y], n);
  else plan.call('x_cast', [DTYPES.indexOf(from), DTYPES.indexOf(to), x, y, plan.scratch(512)], n);
}

/** A value in another type, in memory of the node. */
export function converted(plan: PlanBuilder, x: Value, to: DType): Arg {
  if (x.dtype === to) return x;
  const y = plan.temporary(elementSize(to) * count(x));
  convert(plan, x, x.dtype, y, to, count(x));
  return y;
}
