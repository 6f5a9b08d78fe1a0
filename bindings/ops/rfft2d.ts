import { elementCount } from '../dtype.js';
import { checkShape, input, output, unsupported } from '../graph/ir.js';
import { vector } from './shared/strided-copy.js';
import { typedAs } from './shared/typed.js';

/** The two innermost dimensions, cut or padded to the lengths in input 1, which are powers of two as in TFLite. */
export const rfft2d = typedAs('complex64', {
  name: 'RFFT2D',

  infer(node, known) {
    const [x, y] = [input(node, 0), output(node)];
    if (x.dtype !== 'float32' || y.dtype !== 'complex64') throw unsupported(node, `${x.dtype} to ${y.dtype}`);
    checkShape(node, x.shape.length >= 2, () => `the input must have two dimensions or more, not [${x.shape}]`);
    const [h, w] = vector(node, known, 1, 2) as [number, number];
    for (const n of [h, w]) if (!(n > 0 && Number.isInteger(Math.log2(n)))) throw unsupported(node, `length ${n}`);
    return [[...x.shape.slice(0, -2), h, w / 2 + 1].map(Math.floor)];
  },

  lower(node, plan) {
    const [x, y] = [input(node, 0), output(node)];
    const [h, w] = vector(node, plan, 1, 2) as [number, number];
    const [ih, iw] = x.shape.slice(-2) as [number, number];
    const scratch = plan.scratch(16 * (h * (Math.floor(w / 2) + 1) + h));
    const table = plan.constant(twiddles(Math.max(h, w, 2)));
    plan.call('f32_rfft2d', [x, y, table, scratch, ih, iw, h, w], elementCount(x.shape.slice(0, -2)));
  },

  macs(node) {
    const n = elementCount(output(node).shape) * 2;
    return 2 * n * Math.log2(Math.max(2, n));
  },
});

/**
 * (cos, -sin) of 2 pi k / n for k in 0..n/2; n is a power of two. By halving angles and by adding them, since
 * Math.cos differs between hosts and square roots do not.
 */
export function twiddles(n: number): Float64Array {
  const table = new Float64Array(n + 2);
  table[0] = 1;
  // The angle 2 pi k / n for powers of two k, from n / 2 down.
  let [re, im] = [-1, 0];
  for (let k = n / 2; k >= 1; k /= 2) {
    if (k < n / 2) [re, im] = k === n / 4 ? [0, 1] : [Math.sqrt((1 + re) / 2), im / (2 * Math.sqrt((1 + re) / 2))];
    table.set([re, -im], 2 * k);
  }
  for (let k = 1; k < n / 2; k++) {
    const top = 2 ** Math.floor(Math.log2(k));
    const [a, b] = [2 * top, 2 * (k - top)];
    if (!b) continue;
    table[2 * k] = table[a]! * table[b]! - table[a + 1]! * table[b + 1]!;
    table[2 * k + 1] = table[a]! * table[b + 1]! + table[a + 1]! * table[b]!;
  }
  return table;
}
