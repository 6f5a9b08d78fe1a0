// Index of the largest (sign = 1) or smallest (sign = -1) element along an axis: x [outer, n, inner], y [outer, inner] of
// int32, or int64 where `wide`. The first of equal elements wins; a NaN loses against everything. Units are outputs.

/** Whether x replaces `best` (NaN-aware for floats). */
// @ts-ignore: decorator
@inline
function beats<T>(x: T, best: T): bool {
  return x > best || (isFloat<T>() && best != best && x == x);
}

// @ts-ignore: decorator
@inline
function storeIndex(y: usize, i: i32, index: i32, wide: i32): void {
  if (wide) store<i64>(y + (<usize>i << 3), index);
  else store<i32>(y + (<usize>i << 2), index);
}

/** A compares as T after the sign is applied: wide enough that no element's negative is lost. */
// @ts-ignore: decorator
@inline
function argmax<T, A>(x: usize, y: usize, n: i32, inner: i32, sign: A, wide: i32, begin: i32, end: i32): void {
  const stride = <usize>inner * sizeof<T>();
  for (let i = begin; i < end; i++) {
    const o = i / inner;
    let p = x + (<usize>o * n * inner + (i - o * inner)) * sizeof<T>();
    let best: A = sign * load<T>(p);
    let index = 0;
    for (let r = 1; r < n; r++) {
      p += stride;
      const v: A = sign * load<T>(p);
      if (beats<A>(v, best)) {
        best = v;
        index = r;
      }
    }
    storeIndex(y, i, index, wide);
  }
}

/** The row's best element in four lanes, then the best of the lanes and of the tail. */
// @ts-ignore: decorator
@inline
function argmaxRow(p: usize, n: i32, sign: f32): i32 {
  const flip = v128.and(f32x4.splat(sign), i32x4.splat(i32.MIN_VALUE));
  let best = v128.xor(v128.load(p), flip);
  let lanes = i32x4(0, 1, 2, 3);
  let now = lanes;
  let r = 4;
  for (; r + 4 <= n; r += 4) {
    now = i32x4.add(now, i32x4.splat(4));
    const v = v128.xor(v128.load(p + (r << 2)), flip);
    const nan = v128.and(f32x4.ne(best, best), f32x4.eq(v, v));
    const better = v128.or(f32x4.gt(v, best), nan);
    best = v128.bitselect(v, best, better);
    lanes = v128.bitselect(now, lanes, better);
  }
  let m = f32x4.extract_lane(best, 0);
  let index = i32x4.extract_lane(lanes, 0);
  for (let k = 1; k < 4; k++) {
    best = v128.shuffle<i32>(best, best, 1, 2, 3, 0);
    lanes = v128.shuffle<i32>(lanes, lanes, 1, 2, 3, 0);
    const v = f32x4.extract_lane(best, 0);
    const j = i32x4.extract_lane(lanes, 0);
    if (beats<f32>(v, m) || (v == m && j < index)) {
      m = v;
      index = j;
    }
  }
  for (; r < n; r++) {
    const v = sign * load<f32>(p + (r << 2));
    if (beats<f32>(v, m)) {
      m = v;
      index = r;
    }
  }
  return m == m ? index : 0;
}

export function f32_argmax(
  x: usize, y: usize, n: i32, inner: i32, sign: f32, wide: i32, begin: i32, end: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    if (inner == 1 && n >= 8) {
      for (let i = begin; i < end; i++) storeIndex(y, i, argmaxRow(x + (<usize>i * n << 2), n, sign), wide);
      return;
    }
  }
  argmax<f32, f32>(x, y, n, inner, sign, wide, begin, end);
}

export function s32_argmax(
  x: usize, y: usize, n: i32, inner: i32, sign: i32, wide: i32, begin: i32, end: i32,
): void {
  argmax<i32, i64>(x, y, n, inner, sign, wide, begin, end);
}

/**
 * Rows of 8 to 256 bytes: the largest 16 bits of { byte, 255 - index }, eight at a time; the last eight overlap those before
 * them. `flip` maps the bytes to unsigned ones whose largest is wanted.
 */
function argmaxBytes(x: usize, y: usize, n: i32, flip: i32, wide: i32, begin: i32, end: i32): void {
  const f = i8x16.splat(<i8>flip);
  const step = i8x16.splat(8);
  const last = n - 8;
  const first = i8x16(-1, -2, -3, -4, -5, -6, -7, -8, 0, 0, 0, 0, 0, 0, 0, 0);
  const rest = i8x16.sub(first, i8x16.splat(<i8>last));
  x += <usize>(begin * n);
  for (let i = begin; i < end; i++) {
    let v = v128.xor(v128.load64_zero(x + last), f);
    let best = i8x16.shuffle(rest, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    let index = first;
    for (let r = 0; r < last; r += 8) {
      v = v128.xor(v128.load64_zero(x + r), f);
      best = i16x8.max_u(best, i8x16.shuffle(index, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
      index = i8x16.sub(index, step);
    }
    best = i16x8.max_u(best, v128.shuffle<i64>(best, best, 1, 0));
    best = i16x8.max_u(best, i64x2.shr_u(best, 32));
    best = i16x8.max_u(best, i64x2.shr_u(best, 16));
    storeIndex(y, i, 255 - (i32x4.extract_lane(best, 0) & 255), wide);
    x += n;
  }
}

export function s8_argmax(
  x: usize, y: usize, n: i32, inner: i32, sign: i32, wide: i32, begin: i32, end: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    if (inner == 1 && n >= 8 && n <= 256) {
      argmaxBytes(x, y, n, sign > 0 ? 128 : 127, wide, begin, end);
      return;
    }
  }
  argmax<i8, i32>(x, y, n, inner, sign, wide, begin, end);
}

export function u8_argmax(
  x: usize, y: usize, n: i32, inner: i32, sign: i32, wide: i32, begin: i32, end: i32,
): void {
  if (ASC_FEATURE_SIMD) {
    if (inner == 1 && n >= 8 && n <= 256) {
      argmaxBytes(x, y, n, sign > 0 ? 0 : 255, wide, begin, end);
      return;
    }
  }
  argmax<u8, i32>(x, y, n, inner, sign, wide, begin, end);
}
