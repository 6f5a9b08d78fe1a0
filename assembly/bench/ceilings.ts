// What one core could do at most: loops that touch registers only, and loops that touch memory only. For bench/kernels.ts;
// not part of any build. Twelve chains cover the latency of the longest operation here; each step depends on the one
// before it, so that no compiler can move work out of the loop.

// @ts-ignore: decorator
@inline
function step(kind: i32, a: v128, x: v128, y: v128): v128 {
  if (kind == 0) return f32x4.add(f32x4.mul(a, x), y);
  if (kind == 1) {
    if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, x, y);
    return a;
  }
  if (kind == 2) return i32x4.add(i32x4.dot_i16x8_s(a, x), y);
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(x, y, a);
  return a;
}

// @ts-ignore: decorator
@inline
function chains(kind: i32, count: i32, x: v128, y: v128): i32 {
  let a = x;
  let b = y;
  let c = v128.xor(x, y);
  let d = v128.and(x, y);
  let e = a;
  let f = b;
  let g = c;
  let h = d;
  let i = a;
  let j = b;
  let k = c;
  let l = d;
  do {
    a = step(kind, a, x, y);
    b = step(kind, b, x, y);
    c = step(kind, c, x, y);
    d = step(kind, d, x, y);
    e = step(kind, e, x, y);
    f = step(kind, f, x, y);
    g = step(kind, g, x, y);
    h = step(kind, h, x, y);
    i = step(kind, i, x, y);
    j = step(kind, j, x, y);
    k = step(kind, k, x, y);
    l = step(kind, l, x, y);
  } while (--count);
  const left = v128.xor(v128.xor(v128.xor(a, b), v128.xor(c, d)), v128.xor(e, f));
  const right = v128.xor(v128.xor(v128.xor(g, h), v128.xor(i, j)), v128.xor(k, l));
  return i32x4.extract_lane(v128.xor(left, right), 0);
}

/** 48 multiply-adds a count, as separate operations: what the simd build does with floats. */
export function f32_multiply_add(count: i32): i32 {
  return chains(0, count, f32x4.splat(0.5), f32x4.splat(1));
}

/** 48 fused multiply-adds a count; nothing in a build without relaxed SIMD. */
export function f32_fused_multiply_add(count: i32): i32 {
  return chains(1, count, f32x4.splat(0.5), f32x4.splat(1));
}

/** 96 multiply-adds a count: products of int16 pairs, summed in int32. */
export function i16_dot_add(count: i32): i32 {
  return chains(2, count, i16x8.splat(3), i32x4.splat(5));
}

/** 192 multiply-adds a count: products of int8 in fours; nothing in a build without relaxed SIMD. */
export function i8_relaxed_dot_add(count: i32): i32 {
  return chains(3, count, i8x16.splat(3), i8x16.splat(5));
}

/** Reads `bytes` (a multiple of 64) `count` times. */
export function read(x: usize, bytes: i32, count: i32): i32 {
  const end = x + <usize>bytes;
  let a = i32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  do {
    let p = x;
    do {
      a = v128.xor(a, v128.load(p));
      b = v128.xor(b, v128.load(p, 16));
      c = v128.xor(c, v128.load(p, 32));
      d = v128.xor(d, v128.load(p, 48));
      p += 64;
    } while (p < end);
  } while (--count);
  return i32x4.extract_lane(v128.xor(v128.xor(a, b), v128.xor(c, d)), 0);
}

/** Copies `bytes` (a multiple of 64) `count` times. */
export function copy(y: usize, x: usize, bytes: i32, count: i32): void {
  const end = x + <usize>bytes;
  do {
    let p = x;
    let q = y;
    do {
      const a = v128.load(p);
      const b = v128.load(p, 16);
      const c = v128.load(p, 32);
      const d = v128.load(p, 48);
      v128.store(q, a);
      v128.store(q, b, 16);
      v128.store(q, c, 32);
      v128.store(q, d, 48);
      p += 64;
      q += 64;
    } while (p < end);
  } while (--count);
}
