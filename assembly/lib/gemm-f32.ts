// The float matrix product behind every matrix family: y[m, n] = clamp(bias[n] + sum over k of a[m, k] * w[k, n]).
// Packed weights: panels of 16 columns, each [16] bias then [k, 16]; where 1..8 columns remain, the last panel
// is 8 wide. Columns beyond n are zero. Each sum runs along k in order, so no split of the work changes it.
// Tiles are 2 x 16 and 4 x 8: eight accumulators hide the latency of addition and leave registers for the operands. A fused
// multiply-add takes longer and needs no register for the product: 6 x 8, on both halves of a panel. A row alone takes two
// panels at a time, for as many accumulators.
// A missing row of a tile repeats the row before it, and is stored to the same place.
import { clamp, clampx4, madd, storeBytes } from './simd';

/** Floats that the packed form of [k, n] weights takes. */
// @ts-ignore: decorator
@inline
export function packedSizeF32(k: i32, n: i32): i32 {
  return (k + 1) * ((n + 7) & ~7);
}

/** Strides in bytes. */
export function gemmF32(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  lo: f32,
  hi: f32,
): void {
  // A tile that lacks one row is done all the same; fewer rows are left to the smaller tiles.
  const sixes = ASC_FEATURE_RELAXED_SIMD ? (m + 1) / 6 * 6 : 0;
  const done = min(sixes, m);
  const rest = a + <usize>done * aStride;
  if (ASC_FEATURE_SIMD && m == 1) {
    for (; n > 24; n -= 32, w += <usize>(k + 1) << 7, y += 128) row32(min(n, 32), k, a, w, y, lo, hi);
  }
  for (; n > 8; n -= 16, w += <usize>(k + 1) << 6, y += 64) {
    if (ASC_FEATURE_RELAXED_SIMD) {
      tiles6x8(done, 8, k, a, aStride, w, 64, y, yStride, lo, hi);
      tiles6x8(done, min(n - 8, 8), k, a, aStride, w + 32, 64, y + 32, yStride, lo, hi);
    }
    if (ASC_FEATURE_SIMD) panel16(m - done, min(n, 16), k, rest, aStride, w, y + <usize>done * yStride, yStride, lo, hi);
    else panelScalar(16, m, min(n, 16), k, a, aStride, w, y, yStride, lo, hi);
  }
  if (n > 0) {
    if (ASC_FEATURE_RELAXED_SIMD) tiles6x8(done, n, k, a, aStride, w, 32, y, yStride, lo, hi);
    if (ASC_FEATURE_SIMD) panel8(m - done, n, k, rest, aStride, w, y + <usize>done * yStride, yStride, lo, hi);
    else panelScalar(8, m, n, k, a, aStride, w, y, yStride, lo, hi);
  }
}

function panel16(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  lo: f32,
  hi: f32,
): void {
  const l = f32x4.splat(lo);
  const h = f32x4.splat(hi);
  for (let i = 0; i < m; i += 2) {
    const more = i + 1 < m;
    let a0 = a;
    let a1 = more ? a + aStride : a;
    const y1 = more ? y + yStride : y;
    let c00 = v128.load(w);
    let c01 = v128.load(w, 16);
    let c02 = v128.load(w, 32);
    let c03 = v128.load(w, 48);
    let c10 = c00;
    let c11 = c01;
    let c12 = c02;
    let c13 = c03;
    let b = w + 64;
    const end = b + (<usize>k << 6);
    while (b < end) {
      const x0 = v128.load32_splat(a0);
      const x1 = v128.load32_splat(a1);
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      c00 = madd(x0, b0, c00);
      c10 = madd(x1, b0, c10);
      c01 = madd(x0, b1, c01);
      c11 = madd(x1, b1, c11);
      const b2 = v128.load(b, 32);
      const b3 = v128.load(b, 48);
      c02 = madd(x0, b2, c02);
      c12 = madd(x1, b2, c12);
      c03 = madd(x0, b3, c03);
      c13 = madd(x1, b3, c13);
      a0 += 4;
      a1 += 4;
      b += 64;
    }
    store16(y, n, clampx4(c00, l, h), clampx4(c01, l, h), clampx4(c02, l, h), clampx4(c03, l, h));
    store16(y1, n, clampx4(c10, l, h), clampx4(c11, l, h), clampx4(c12, l, h), clampx4(c13, l, h));
    a += 2 * aStride;
    y += 2 * yStride;
  }
}

function row32(n: i32, k: i32, a: usize, w: usize, y: usize, lo: f32, hi: f32): void {
  const l = f32x4.splat(lo);
  const h = f32x4.splat(hi);
  let b = w + (<usize>(k + 1) << 6);
  let c0 = v128.load(w);
  let c1 = v128.load(w, 16);
  let c2 = v128.load(w, 32);
  let c3 = v128.load(w, 48);
  let c4 = v128.load(b);
  let c5 = v128.load(b, 16);
  let c6 = v128.load(b, 32);
  let c7 = v128.load(b, 48);
  for (const end = a + (<usize>k << 2); a < end; a += 4) {
    w += 64;
    b += 64;
    const x = v128.load32_splat(a);
    c0 = madd(x, v128.load(w), c0);
    c1 = madd(x, v128.load(w, 16), c1);
    c2 = madd(x, v128.load(w, 32), c2);
    c3 = madd(x, v128.load(w, 48), c3);
    c4 = madd(x, v128.load(b), c4);
    c5 = madd(x, v128.load(b, 16), c5);
    c6 = madd(x, v128.load(b, 32), c6);
    c7 = madd(x, v128.load(b, 48), c7);
  }
  store16(y, 16, clampx4(c0, l, h), clampx4(c1, l, h), clampx4(c2, l, h), clampx4(c3, l, h));
  store16(y + 64, n - 16, clampx4(c4, l, h), clampx4(c5, l, h), clampx4(c6, l, h), clampx4(c7, l, h));
}

// @ts-ignore: decorator
@inline
function store16(y: usize, n: i32, c0: v128, c1: v128, c2: v128, c3: v128): void {
  // A 16-wide panel has at least 9 columns.
  v128.store(y, c0);
  v128.store(y, c1, 16);
  if (n == 16) {
    v128.store(y, c2, 32);
    v128.store(y, c3, 48);
  } else {
    storeBytes(y + 32, c2, min(n - 8, 4) << 2);
    if (n > 12) storeBytes(y + 48, c3, (n - 12) << 2);
  }
}

function panel8(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  lo: f32,
  hi: f32,
): void {
  const l = f32x4.splat(lo);
  const h = f32x4.splat(hi);
  for (let i = 0; i < m; i += 4) {
    let a0 = a;
    let a1 = i + 1 < m ? a0 + aStride : a0;
    let a2 = i + 2 < m ? a1 + aStride : a1;
    let a3 = i + 3 < m ? a2 + aStride : a2;
    const y1 = i + 1 < m ? y + yStride : y;
    const y2 = i + 2 < m ? y1 + yStride : y1;
    const y3 = i + 3 < m ? y2 + yStride : y2;
    let c00 = v128.load(w);
    let c01 = v128.load(w, 16);
    let c10 = c00;
    let c11 = c01;
    let c20 = c00;
    let c21 = c01;
    let c30 = c00;
    let c31 = c01;
    let b = w + 32;
    const end = b + (<usize>k << 5);
    while (b < end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(a0);
      c00 = madd(x0, b0, c00);
      c01 = madd(x0, b1, c01);
      const x1 = v128.load32_splat(a1);
      c10 = madd(x1, b0, c10);
      c11 = madd(x1, b1, c11);
      const x2 = v128.load32_splat(a2);
      c20 = madd(x2, b0, c20);
      c21 = madd(x2, b1, c21);
      const x3 = v128.load32_splat(a3);
      c30 = madd(x3, b0, c30);
      c31 = madd(x3, b1, c31);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      b += 32;
    }
    store8(y, n, clampx4(c00, l, h), clampx4(c01, l, h));
    store8(y1, n, clampx4(c10, l, h), clampx4(c11, l, h));
    store8(y2, n, clampx4(c20, l, h), clampx4(c21, l, h));
    store8(y3, n, clampx4(c30, l, h), clampx4(c31, l, h));
    a += 4 * aStride;
    y += 4 * yStride;
  }
}

/** At most eight columns of a panel whose rows are `step` bytes long; m is a multiple of six, or one less. */
function tiles6x8(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aStride: usize,
  w: usize,
  step: usize,
  y: usize,
  yStride: usize,
  lo: f32,
  hi: f32,
): void {
  const l = f32x4.splat(lo);
  const h = f32x4.splat(hi);
  for (let i = 0; i < m; i += 6) {
    let a0 = a;
    let a1 = a0 + aStride;
    let a2 = a1 + aStride;
    let a3 = a2 + aStride;
    let a4 = a3 + aStride;
    let a5 = i + 5 < m ? a4 + aStride : a4;
    let c00 = v128.load(w);
    let c01 = v128.load(w, 16);
    let c10 = c00;
    let c11 = c01;
    let c20 = c00;
    let c21 = c01;
    let c30 = c00;
    let c31 = c01;
    let c40 = c00;
    let c41 = c01;
    let c50 = c00;
    let c51 = c01;
    let b = w;
    const end = w + <usize>k * step;
    while (b < end) {
      b += step;
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(a0);
      c00 = madd(x0, b0, c00);
      c01 = madd(x0, b1, c01);
      const x1 = v128.load32_splat(a1);
      c10 = madd(x1, b0, c10);
      c11 = madd(x1, b1, c11);
      const x2 = v128.load32_splat(a2);
      c20 = madd(x2, b0, c20);
      c21 = madd(x2, b1, c21);
      const x3 = v128.load32_splat(a3);
      c30 = madd(x3, b0, c30);
      c31 = madd(x3, b1, c31);
      const x4 = v128.load32_splat(a4);
      c40 = madd(x4, b0, c40);
      c41 = madd(x4, b1, c41);
      const x5 = v128.load32_splat(a5);
      c50 = madd(x5, b0, c50);
      c51 = madd(x5, b1, c51);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
    }
    let t = y;
    store8(t, n, clampx4(c00, l, h), clampx4(c01, l, h));
    store8((t += yStride), n, clampx4(c10, l, h), clampx4(c11, l, h));
    store8((t += yStride), n, clampx4(c20, l, h), clampx4(c21, l, h));
    store8((t += yStride), n, clampx4(c30, l, h), clampx4(c31, l, h));
    store8((t += yStride), n, clampx4(c40, l, h), clampx4(c41, l, h));
    if (i + 5 < m) store8(t + yStride, n, clampx4(c50, l, h), clampx4(c51, l, h));
    a += 6 * aStride;
    y += 6 * yStride;
  }
}

// @ts-ignore: decorator
@inline
function store8(y: usize, n: i32, c0: v128, c1: v128): void {
  if (n == 8) {
    v128.store(y, c0);
    v128.store(y, c1, 16);
  } else {
    storeBytes(y, c0, n << 2);
    if (n > 4) storeBytes(y + 16, c1, (n - 4) << 2);
  }
}

// @ts-ignore: decorator
@inline
function panelScalar(
  width: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  aStride: usize,
  w: usize,
  y: usize,
  yStride: usize,
  lo: f32,
  hi: f32,
): void {
  const step = <usize>width << 2;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j += 4) {
      let b = w + (<usize>j << 2);
      let c0 = load<f32>(b);
      let c1 = load<f32>(b, 4);
      let c2 = load<f32>(b, 8);
      let c3 = load<f32>(b, 12);
      const end = a + (<usize>k << 2);
      for (let p = a; p < end; p += 4) {
        b += step;
        const x = load<f32>(p);
        c0 += x * load<f32>(b);
        c1 += x * load<f32>(b, 4);
        c2 += x * load<f32>(b, 8);
        c3 += x * load<f32>(b, 12);
      }
      const t = y + (<usize>j << 2);
      store<f32>(t, clamp(c0, lo, hi));
      if (j + 1 < n) store<f32>(t, clamp(c1, lo, hi), 4);
      if (j + 2 < n) store<f32>(t, clamp(c2, lo, hi), 8);
      if (j + 3 < n) store<f32>(t, clamp(c3, lo, hi), 12);
    }
    a += aStride;
    y += yStride;
  }
}
