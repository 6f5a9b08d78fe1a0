// One-dimensional transforms of Winograd's convolutions F(2, 3) and F(4, 3): two or four outputs (m) of a filter with three
// taps in m + 2 multiplications. F(2, 3) has the points 0, ±1 and infinity, and is as exact as plain sums. F(4, 3) has 0, ±a,
// ±b and infinity with a = sqrt(1/2) and b = sqrt(2): their powers stay near one, so the results are about twice as far
// from the exact ones as plain sums; the usual ±1, ±2 are five times as far.
// Each reads lanes (T: v128, or f32 in the scalar build) at steps of bytes and writes them so. In two dimensions
// a transform meets the columns of a tile first, then its rows.
import { madd } from './simd';

const A: f32 = 0.7071067811865476;
const B: f32 = 1.4142135623730951;

// @ts-ignore: decorator
@inline
function splat<T>(x: f32): T {
  if (isVector<T>()) return f32x4.splat(x);
  return x;
}

// @ts-ignore: decorator
@inline
function add<T>(x: T, y: T): T {
  if (isVector<T>()) return f32x4.add(x, y);
  return x + y;
}

// @ts-ignore: decorator
@inline
function sub<T>(x: T, y: T): T {
  if (isVector<T>()) return f32x4.sub(x, y);
  return x - y;
}

// @ts-ignore: decorator
@inline
function mul<T>(x: T, factor: f32): T {
  if (isVector<T>()) return f32x4.mul(x, splat<v128>(factor));
  return x * factor;
}

/** x * factor + y. */
// @ts-ignore: decorator
@inline
function fma<T>(x: T, factor: f32, y: T): T {
  if (isVector<T>()) return madd(x, splat<v128>(factor), y);
  return x * factor + y;
}

/** m + 2 inputs. */
// @ts-ignore: decorator
@inline
export function transformInput<T>(m: i32, x: usize, xs: usize, y: usize, ys: usize): void {
  const x0 = load<T>(x);
  const x1 = load<T>(x + xs);
  const x2 = load<T>(x + 2 * xs);
  const x3 = load<T>(x + 3 * xs);
  if (m == 2) {
    store<T>(y, sub<T>(x0, x2));
    store<T>(y + ys, add<T>(x1, x2));
    store<T>(y + 2 * ys, sub<T>(x2, x1));
    store<T>(y + 3 * ys, sub<T>(x1, x3));
    return;
  }
  const x4 = load<T>(x + 4 * xs);
  const x5 = load<T>(x + 5 * xs);
  store<T>(y, fma<T>(x2, -2.5, add<T>(x0, x4)));
  const u = fma<T>(x2, -2, x4);
  const v = mul<T>(fma<T>(x1, -2, x3), A);
  store<T>(y + ys, add<T>(u, v));
  store<T>(y + 2 * ys, sub<T>(u, v));
  const s = fma<T>(x2, -0.5, x4);
  const t = mul<T>(fma<T>(x1, -0.5, x3), B);
  store<T>(y + 3 * ys, add<T>(s, t));
  store<T>(y + 4 * ys, sub<T>(s, t));
  store<T>(y + 5 * ys, fma<T>(x3, -2.5, add<T>(x1, x5)));
}

/** m + 2 products to m outputs. */
// @ts-ignore: decorator
@inline
export function transformOutput<T>(m: i32, x: usize, xs: usize, y: usize, ys: usize): void {
  const x0 = load<T>(x);
  const x1 = load<T>(x + xs);
  const x2 = load<T>(x + 2 * xs);
  const x3 = load<T>(x + 3 * xs);
  const s = add<T>(x1, x2);
  const d = sub<T>(x1, x2);
  if (m == 2) {
    store<T>(y, add<T>(x0, s));
    store<T>(y + ys, sub<T>(d, x3));
    return;
  }
  const x4 = load<T>(x + 4 * xs);
  const x5 = load<T>(x + 5 * xs);
  const t = add<T>(x3, x4);
  const u = mul<T>(d, A);
  const v = mul<T>(sub<T>(x3, x4), B);
  store<T>(y, add<T>(x0, add<T>(s, t)));
  store<T>(y + ys, add<T>(u, v));
  store<T>(y + 2 * ys, fma<T>(t, 2, mul<T>(s, 0.5)));
  store<T>(y + 3 * ys, add<T>(x5, fma<T>(v, 2, mul<T>(u, 0.5))));
}

/** One of the m + 2 factors that three taps become. */
// @ts-ignore: decorator
@inline
export function transformFilter<T>(m: i32, r: i32, g0: T, g1: T, g2: T): T {
  if (r == 0) return g0;
  if (r == m + 1) return g2;
  // (g0 ± p g1 + p² g2) k
  const inner = r < 3;
  const k: f32 = m == 2 ? 0.5 : inner ? <f32>(-2.0 / 3.0) : <f32>(1.0 / 6.0);
  const p: f32 = m == 2 ? 1 : inner ? A : B;
  const square: f32 = m == 2 ? 1 : inner ? 0.5 : 2;
  return add<T>(mul<T>(g1, (r & 1 ? p : -p) * k), mul<T>(fma<T>(g2, square, g0), k));
}
