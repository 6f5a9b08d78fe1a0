// One loop for reductions y[o, c] = op over r of x[o, r, c]: x is [outer, n, inner], y is [outer, inner], dense.
// Work units are outputs. With inner > 1, lanes run over c and each output folds its elements in order of r, as the
// scalar loop does; with inner = 1 lanes run over r, in an order that depends on n alone. So no split changes a result.

/** One binary operation: `scalar(acc, x)`, the same in lanes, and what the result goes through at the end. */
export abstract class Fold<T> {
  abstract scalar(acc: T, x: T): T;
  abstract vector(acc: v128, x: v128): v128;
  abstract finish(acc: T, divisor: T): T;
  abstract finishVector(acc: v128, divisor: T): v128;
}

/** Lanes folded onto lane 0 by halves. */
// @ts-ignore: decorator
@inline
function foldLanes<T, F extends Fold<T>>(v: v128): T {
  const f = changetype<F>(0);
  v = f.vector(v, v128.shuffle<i64>(v, v, 1, 0));
  v = f.vector(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
  if (sizeof<T>() <= 2) v = f.vector(v, v128.shuffle<i16>(v, v, 1, 0, 3, 2, 5, 4, 7, 6));
  if (sizeof<T>() == 1) v = f.vector(v, v128.shuffle<i8>(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return v128.extract_lane<T>(v, 0);
}

/** n >= 1 contiguous elements folded to one. */
// @ts-ignore: decorator
@inline
function foldRun<T, F extends Fold<T>>(p: usize, n: i32): T {
  const f = changetype<F>(0);
  let acc = load<T>(p);
  let r = 1;
  if (ASC_FEATURE_SIMD && sizeof<T>() <= 4) {
    const lanes = <i32>(16 / sizeof<T>());
    if (n >= 2 * lanes) {
      let a = v128.load(p);
      let b = v128.load(p, 16);
      for (r = 2 * lanes; r + 2 * lanes <= n; r += 2 * lanes) {
        const q = p + r * sizeof<T>();
        a = f.vector(a, v128.load(q));
        b = f.vector(b, v128.load(q, 16));
      }
      acc = foldLanes<T, F>(f.vector(a, b));
    }
  }
  for (; r < n; r++) acc = f.scalar(acc, load<T>(p + r * sizeof<T>()));
  return acc;
}

/** Outputs begin..end of the reduction; `empty` is the result where n = 0. */
// @ts-ignore: decorator
@inline
export function reduce<T, F extends Fold<T>>(
  x: usize, y: usize, n: i32, inner: i32, empty: T, divisor: T, begin: i32, end: i32,
): void {
  const f = changetype<F>(0);
  if (n == 0) {
    for (let i = begin; i < end; i++) store<T>(y + i * sizeof<T>(), f.finish(empty, divisor));
    return;
  }
  if (inner == 1) {
    for (let i = begin; i < end; i++) {
      store<T>(y + i * sizeof<T>(), f.finish(foldRun<T, F>(x + <usize>i * n * sizeof<T>(), n), divisor));
    }
    return;
  }
  const stride = <usize>inner * sizeof<T>();
  while (begin < end) {
    const o = begin / inner;
    let c = begin - o * inner;
    const stop = min(inner, c + end - begin);
    begin += stop - c;
    const source = x + <usize>o * n * stride;
    const target = y + <usize>o * stride;
    if (ASC_FEATURE_SIMD && sizeof<T>() <= 4) {
      const lanes = <i32>(16 / sizeof<T>());
      // Four chains hide the latency of float operations.
      while (isFloat<T>() && c + 4 * lanes <= stop) {
        let p = source + c * sizeof<T>();
        let v0 = v128.load(p);
        let v1 = v128.load(p, 16);
        let v2 = v128.load(p, 32);
        let v3 = v128.load(p, 48);
        for (let r = 1; r < n; r++) {
          p += stride;
          v0 = f.vector(v0, v128.load(p));
          v1 = f.vector(v1, v128.load(p, 16));
          v2 = f.vector(v2, v128.load(p, 32));
          v3 = f.vector(v3, v128.load(p, 48));
        }
        const q = target + c * sizeof<T>();
        v128.store(q, f.finishVector(v0, divisor));
        v128.store(q, f.finishVector(v1, divisor), 16);
        v128.store(q, f.finishVector(v2, divisor), 32);
        v128.store(q, f.finishVector(v3, divisor), 48);
        c += 4 * lanes;
      }
      for (; c + lanes <= stop; c += lanes) {
        let p = source + c * sizeof<T>();
        let v = v128.load(p);
        for (let r = 1; r < n; r++) v = f.vector(v, v128.load((p += stride)));
        v128.store(target + c * sizeof<T>(), f.finishVector(v, divisor));
      }
    }
    for (; c < stop; c++) {
      let p = source + c * sizeof<T>();
      let acc = load<T>(p);
      for (let r = 1; r < n; r++) acc = f.scalar(acc, load<T>((p += stride)));
      store<T>(target + c * sizeof<T>(), f.finish(acc, divisor));
    }
  }
}

/** acc + x; the result is divided, which makes it a mean. Integers wrap. */
export class Sum<T> extends Fold<T> {
  // @ts-ignore: decorator
  @inline scalar(acc: T, x: T): T { return <T>(acc + x); }
  // @ts-ignore: decorator
  @inline vector(acc: v128, x: v128): v128 { return v128.add<T>(acc, x); }
  // @ts-ignore: decorator
  @inline finish(acc: T, divisor: T): T { return <T>(acc / divisor); }
  // @ts-ignore: decorator
  @inline finishVector(acc: v128, divisor: T): v128 { return v128.div<T>(acc, v128.splat<T>(divisor)); }
}

/** acc * x; integers wrap. */
export class Prod<T> extends Fold<T> {
  // @ts-ignore: decorator
  @inline scalar(acc: T, x: T): T { return <T>(acc * x); }
  // @ts-ignore: decorator
  @inline vector(acc: v128, x: v128): v128 { return v128.mul<T>(acc, x); }
  // @ts-ignore: decorator
  @inline finish(acc: T, divisor: T): T { return acc; }
  // @ts-ignore: decorator
  @inline finishVector(acc: v128, divisor: T): v128 { return acc; }
}

/** acc > x ? acc : x, which tells where a NaN survives. */
export class Max<T> extends Fold<T> {
  // @ts-ignore: decorator
  @inline scalar(acc: T, x: T): T { return acc > x ? acc : x; }
  // @ts-ignore: decorator
  @inline vector(acc: v128, x: v128): v128 {
    return isFloat<T>() ? v128.pmax<T>(x, acc) : v128.max<T>(x, acc);
  }
  // @ts-ignore: decorator
  @inline finish(acc: T, divisor: T): T { return acc; }
  // @ts-ignore: decorator
  @inline finishVector(acc: v128, divisor: T): v128 { return acc; }
}

/** acc < x ? acc : x. */
export class Min<T> extends Fold<T> {
  // @ts-ignore: decorator
  @inline scalar(acc: T, x: T): T { return acc < x ? acc : x; }
  // @ts-ignore: decorator
  @inline vector(acc: v128, x: v128): v128 {
    return isFloat<T>() ? v128.pmin<T>(x, acc) : v128.min<T>(x, acc);
  }
  // @ts-ignore: decorator
  @inline finish(acc: T, divisor: T): T { return acc; }
  // @ts-ignore: decorator
  @inline finishVector(acc: v128, divisor: T): v128 { return acc; }
}
