// Softmax and log-softmax over the last axis, x and y [rows, channels]; y may be x. Units are rows.
//   softmax:     y = e^((x - max) beta) / sum of those
//   log-softmax: y = x - max - log(sum of e^(x - max))
import { expNonPositive, expNonPositivex4, log } from '../lib/math';
import { storeLanes32, sumx4 } from '../lib/simd';

/** Largest of n >= 1 elements, or with `sign` = -2^31 the least. */
// @ts-ignore: decorator
@inline
function extreme(p: usize, n: i32, sign: i32): f32 {
  let m: f32 = -Infinity;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const s = i32x4.splat(sign);
    let v = f32x4.splat(-Infinity);
    for (; i + 4 <= n; i += 4) v = f32x4.pmax(v, v128.xor(v128.load(p + (i << 2)), s));
    v = f32x4.pmax(v, v128.shuffle<i64>(v, v, 1, 0));
    v = f32x4.pmax(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
    m = f32x4.extract_lane(v, 0);
  }
  for (; i < n; i++) {
    const x = reinterpret<f32>(load<i32>(p + (i << 2)) ^ sign);
    m = m < x ? x : m;
  }
  return sign ? -m : m;
}

/** Sum of e^((x - m) beta), which are kept in y where `keep`. No (x - m) beta is positive. */
// @ts-ignore: decorator
@inline
function sumExp(p: usize, q: usize, n: i32, m: f32, beta: f32, keep: bool): f32 {
  let i = 0;
  let sum: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    const mm = f32x4.splat(m);
    const bb = f32x4.splat(beta);
    let s = f32x4.splat(0);
    // Two vectors share constants.
    for (; i + 8 <= n; i += 8) {
      const o = <usize>i << 2;
      const e0 = expNonPositivex4(f32x4.mul(f32x4.sub(v128.load(p + o), mm), bb));
      const e1 = expNonPositivex4(f32x4.mul(f32x4.sub(v128.load(p + o, 16), mm), bb));
      if (keep) {
        v128.store(q + o, e0);
        v128.store(q + o, e1, 16);
      }
      s = f32x4.add(s, f32x4.add(e0, e1));
    }
    for (; i < n; i += 4) {
      const o = <usize>i << 2;
      let e = expNonPositivex4(f32x4.mul(f32x4.sub(v128.load(p + o), mm), bb));
      if (n - i >= 4) {
        if (keep) v128.store(q + o, e);
      } else {
        if (keep) storeLanes32(q + o, e, n - i);
        e = v128.and(e, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - i)));
      }
      s = f32x4.add(s, e);
    }
    return sumx4(s);
  }
  for (; i < n; i++) {
    const e = expNonPositive((load<f32>(p + (i << 2)) - m) * beta);
    if (keep) store<f32>(q + (i << 2), e);
    sum += e;
  }
  return sum;
}

export function f32_softmax(x: usize, y: usize, channels: i32, beta: f32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + (<usize>row * channels << 2);
    const q = y + (<usize>row * channels << 2);
    // Of all (x - m) beta none may be positive.
    const m = extreme(p, channels, beta < 0 ? i32.MIN_VALUE : 0);
    const scale: f32 = 1 / sumExp(p, q, channels, m, beta, true);
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      const s = f32x4.splat(scale);
      for (; i + 4 <= channels; i += 4) v128.store(q + (i << 2), f32x4.mul(v128.load(q + (i << 2)), s));
    }
    for (; i < channels; i++) store<f32>(q + (i << 2), load<f32>(q + (i << 2)) * scale);
  }
}

export function f32_log_softmax(x: usize, y: usize, channels: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const p = x + (<usize>row * channels << 2);
    const q = y + (<usize>row * channels << 2);
    const m = extreme(p, channels, 0);
    const l = log(sumExp(p, q, channels, m, 1, false));
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      const mm = f32x4.splat(m);
      const ll = f32x4.splat(l);
      for (; i + 4 <= channels; i += 4) {
        v128.store(q + (i << 2), f32x4.sub(f32x4.sub(v128.load(p + (i << 2)), mm), ll));
      }
    }
    for (; i < channels; i++) store<f32>(q + (i << 2), load<f32>(p + (i << 2)) - m - l);
  }
}
