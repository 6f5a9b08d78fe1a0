import type { PlanBuilder } from '../operator.js';

/** Address of e^(-scale * beta * d), d = 0..255, computed by the kernels so that every host has the same bits. */
export function expTable(plan: PlanBuilder, scale: number, beta: number): number {
  const step = -Math.fround(scale * Math.fround(beta));
  return plan.packed(`exp:${step}`, 1024, (address) => plan.kernels.f32_exp_table(address, step, 0, 256));
}
