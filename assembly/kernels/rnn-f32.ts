// The plain recurrent cell in float over a whole sequence: h = act(x + R h), act being tanh, the sign bit or a clamp. The input's part x,
// bias included, comes from a matrix product before. Weights may be bytes (HYBRID).
import { activate, activatex4, product } from '../lib/recurrent';

/**
 * Units are rows of the batch.
 * @param x [rows, n], row of step t and batch b at t * timeStride + b * batchStride, as in y
 * @param w, q packed recurrent weights (lib/recurrent.ts)
 * @param state [batch, n]
 * @param scratch for m rows: m * n floats, then what the product takes
 * @param yStride elements from row to row of y
 */
export function f32_rnn(
  n: i32,
  x: usize,
  w: usize,
  q: usize,
  state: usize,
  y: usize,
  yStride: i32,
  scratch: usize,
  steps: i32,
  timeStride: i32,
  batchStride: i32,
  flags: i32,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const m = end - begin;
  state += <usize>(begin * n) << 2;
  for (let t = 0; t < steps; t++) {
    product(1, m, n, n, state, w, q, scratch, flags, scratch + (<usize>(m * n) << 2));
    for (let b = 0; b < m; b++) {
      const at = t * timeStride + (begin + b) * batchStride;
      const r = scratch + (<usize>(b * n) << 2);
      const h = state + (<usize>(b * n) << 2);
      const p = x + (<usize>(at * n) << 2);
      const o = y + (<usize>(at * yStride) << 2);
      let i: usize = 0;
      if (ASC_FEATURE_SIMD) {
        for (; i < <usize>(n & ~3) << 2; i += 16) {
          const z = f32x4.add(v128.load(r + i), v128.load(p + i));
          const v = activatex4(z, flags, lo, hi);
          v128.store(h + i, v);
          v128.store(o + i, v);
        }
      }
      for (; i < <usize>n << 2; i += 4) {
        const z = load<f32>(r + i) + load<f32>(p + i);
        const v = activate(z, flags, lo, hi);
        store<f32>(h + i, v);
        store<f32>(o + i, v);
      }
    }
  }
}
