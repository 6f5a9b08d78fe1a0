import type { Arg, PlanBuilder } from '../operator.js';
import type { Weights } from './gemm.js';

/** Of the weights that are not zero: with more, the dense product is as fast. */
const MOST = 0.5;
/** Rows below which turning them does not pay, and the least depth. */
const LEAST_ROWS = 16;
const LEAST_DEPTH = 16;

function count(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) sum++;
  return sum;
}

/**
 * Constant weights as f32_spmm takes them where most are zero, as pruning leaves them; null elsewhere. A look at the first
 * few tells most models apart at no cost.
 */
function packSparse(plan: PlanBuilder, rows: number, weights: Weights): number | null {
  const { w, bias, n, k, offset = 0, transposed } = weights;
  const { constant } = w;
  if (!constant || (bias && !bias.constant) || transposed || offset) return null;
  if (rows < LEAST_ROWS || k < LEAST_DEPTH || n % 4 || k % 4) return null;
  const first = plan.bytes(constant.address, Math.min(4 * n * k, 512)).slice();
  if (count(new Float32Array(first.buffer)) > (MOST * first.length) / 4) return null;
  const data = plan.read(w) as Float32Array;
  const found = count(data);
  if (found > MOST * data.length) return null;
  const bytes = 8 * (n + found);
  return plan.packed(`spmm-f32:${constant.id}:${bias?.constant?.id}:${n}x${k}`, bytes, (address) => {
    const values = new Float32Array(bytes / 4);
    const numbers = new Uint32Array(values.buffer);
    const biases = bias && plan.read(bias);
    let at = 0;
    for (let j = 0; j < n; j++) {
      const head = at;
      values[head] = Number(biases?.[j] ?? 0);
      at += 2;
      for (let i = 0; i < k; i++) {
        const x = data[j * k + i]!;
        if (x === 0) continue;
        numbers[at] = 192 * i;
        values[at + 1] = x;
        at += 2;
      }
      numbers[head + 1] = (at - head) / 2 - 1;
    }
    plan.bytes(address, bytes).set(new Uint8Array(values.buffer));
  });
}

/** Appends the call for y[m, n] = clamp(x[m, k] * w + bias), if the weights are such and it is the faster way. */
export function sparseProduct(
  plan: PlanBuilder,
  m: number,
  x: Arg,
  weights: Weights,
  y: Arg,
  clamp: readonly [lo: number, hi: number],
): boolean {
  const packed = packSparse(plan, m, weights);
  if (packed === null) return false;
  const { n, k } = weights;
  plan.call('f32_spmm', [m, n, k, x, packed, y, plan.scratch(192 * (k + 4)), ...clamp], Math.ceil(m / 24));
  return true;
}
