// Fourier transform of real images, y[.., k1, k2] = sum x[.., n1, n2] e^(-2 pi i (k1 n1 / h + k2 n2 / w)) for k2 in 0..w/2, y complex
// of floats; h and w are powers of two. Computed in f64, as TFLite does, with every product and sum rounded alike in all builds.
// A row of w reals is transformed as w/2 complex numbers, then taken apart; columns follow where h > 1.
// Units are images, ih x iw in memory, cut or padded with zeros to h x w.

/** Twiddles: pairs (cos, -sin) of 2 pi k / n for k in 0..n/2, where n is the longer of w and h. */
// @ts-ignore: decorator
@inline
function twiddleRe(table: usize, k: i32): f64 { return load<f64>(table + (k << 4)); }
// @ts-ignore: decorator
@inline
function twiddleIm(table: usize, k: i32): f64 { return load<f64>(table + (k << 4), 8); }

/** n complex numbers in z, in place; twiddle k of n is twiddle k * step of the table. */
function transform(z: usize, n: i32, table: usize, step: i32): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      const p = z + (i << 4);
      const q = z + (j << 4);
      const re = load<f64>(p);
      const im = load<f64>(p, 8);
      store<f64>(p, load<f64>(q));
      store<f64>(p, load<f64>(q, 8), 8);
      store<f64>(q, re);
      store<f64>(q, im, 8);
    }
  }
  for (let half = 1; half < n; half <<= 1) {
    const stride = (n / (2 * half)) * step;
    for (let first = 0; first < n; first += 2 * half) {
      let p = z + (first << 4);
      let q = p + (half << 4);
      for (let k = 0; k < half; k++) {
        const wr = twiddleRe(table, k * stride);
        const wi = twiddleIm(table, k * stride);
        if (ASC_FEATURE_SIMD) {
          const v = v128.load(q);
          const u = v128.load(p);
          const swapped = v128.shuffle<f64>(v, v, 1, 0);
          const t = f64x2.add(f64x2.mul(v, f64x2.splat(wr)), f64x2.mul(swapped, f64x2.replace_lane(f64x2.splat(wi), 0, -wi)));
          v128.store(p, f64x2.add(u, t));
          v128.store(q, f64x2.sub(u, t));
        } else {
          const vr = load<f64>(q);
          const vi = load<f64>(q, 8);
          const ur = load<f64>(p);
          const ui = load<f64>(p, 8);
          const tr = vr * wr + vi * -wi;
          const ti = vi * wr + vr * wi;
          store<f64>(p, ur + tr);
          store<f64>(p, ui + ti, 8);
          store<f64>(q, ur - tr);
          store<f64>(q, ui - ti, 8);
        }
        p += 16;
        q += 16;
      }
    }
  }
}

/** The w / 2 + 1 complex numbers of a row of w reals, which z holds as w / 2 complex ones. */
function takeApart(z: usize, w: i32, table: usize, step: i32): void {
  const half = w >> 1;
  const re0 = load<f64>(z);
  const im0 = load<f64>(z, 8);
  store<f64>(z, re0 + im0);
  store<f64>(z, 0, 8);
  store<f64>(z + (half << 4), re0 - im0);
  store<f64>(z + (half << 4), 0, 8);
  for (let k = 1; k <= half >> 1; k++) {
    const p = z + (k << 4);
    const q = z + ((half - k) << 4);
    const pr = load<f64>(p);
    const pi = load<f64>(p, 8);
    const qr = load<f64>(q);
    const qi = load<f64>(q, 8);
    const wr = twiddleRe(table, k * step);
    const wi = twiddleIm(table, k * step);
    // Even part (Z[k] + Z*[-k]) / 2 and odd part (Z[k] - Z*[-k]) / 2i, the latter turned.
    const er = 0.5 * (pr + qr);
    const ei = 0.5 * (pi - qi);
    const or = 0.5 * (pi + qi);
    const oi = 0.5 * (qr - pr);
    const tr = or * wr - oi * wi;
    const ti = or * wi + oi * wr;
    store<f64>(p, er + tr);
    store<f64>(p, ei + ti, 8);
    store<f64>(q, er - tr);
    store<f64>(q, ti - ei, 8);
  }
}

/** Scratch: h rows of (w / 2 + 1) complex f64, then a column of h. */
export function f32_rfft2d(
  x: usize, y: usize, table: usize, scratch: usize, ih: i32, iw: i32, h: i32, w: i32, begin: i32, end: i32,
): void {
  const out = (w >> 1) + 1;
  const longest = max(w, h);
  const rows = min(ih, h);
  const columns = min(iw, w);
  const column = scratch + (<usize>h * out << 4);
  for (let image = begin; image < end; image++) {
    const from = x + (<usize>image * ih * iw << 2);
    const to = y + (<usize>image * h * out << 3);
    if (rows < h) memory.fill(scratch + (<usize>rows * out << 4), 0, <usize>(h - rows) * out << 4);
    for (let row = 0; row < rows; row++) {
      const z = scratch + (<usize>row * out << 4);
      const source = from + (<usize>row * iw << 2);
      for (let i = 0; i < columns; i++) store<f64>(z + (i << 3), <f64>load<f32>(source + (i << 2)));
      for (let i = columns; i < max(w, 2); i++) store<f64>(z + (i << 3), 0);
      if (w > 1) {
        transform(z, w >> 1, table, (longest / w) << 1);
        takeApart(z, w, table, longest / w);
      }
    }
    for (let k = 0; h > 1 && k < out; k++) {
      for (let i = 0; i < h; i++) {
        const p = scratch + (<usize>(i * out + k) << 4);
        store<f64>(column + (i << 4), load<f64>(p));
        store<f64>(column + (i << 4), load<f64>(p, 8), 8);
      }
      transform(column, h, table, longest / h);
      for (let i = 0; i < h; i++) {
        const p = scratch + (<usize>(i * out + k) << 4);
        store<f64>(p, load<f64>(column + (i << 4)));
        store<f64>(p, load<f64>(column + (i << 4), 8), 8);
      }
    }
    for (let i = 0; i < 2 * h * out; i++) store<f32>(to + (i << 2), <f32>load<f64>(scratch + (i << 3)));
  }
}

/** y = |x| of complex floats; squares and their sum in f64, so that nothing overflows. Units are elements. */
export function c64_abs(x: usize, y: usize, begin: i32, end: i32): void {
  let i = begin;
  if (ASC_FEATURE_SIMD) {
    for (; i + 2 <= end; i += 2) {
      const v = v128.load(x + (<usize>i << 3));
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
      const re = v128.shuffle<f64>(a, b, 0, 2);
      const im = v128.shuffle<f64>(a, b, 1, 3);
      const sum = f64x2.add(f64x2.mul(re, re), f64x2.mul(im, im));
      v128.store64_lane(y + (<usize>i << 2), f32x4.demote_f64x2_zero(f64x2.sqrt(sum)), 0);
    }
  }
  for (; i < end; i++) {
    const re = <f64>load<f32>(x + (<usize>i << 3));
    const im = <f64>load<f32>(x + (<usize>i << 3), 4);
    store<f32>(y + (<usize>i << 2), <f32>Math.sqrt(re * re + im * im));
  }
}

/** y = |x| of complex doubles, by the larger part, so that squares neither overflow nor vanish. Units are elements. */
export function c128_abs(x: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const re = abs<f64>(load<f64>(x + (<usize>i << 4)));
    const im = abs<f64>(load<f64>(x + (<usize>i << 4), 8));
    const large = max<f64>(re, im);
    const ratio = min<f64>(re, im) / large;
    // Where both parts are 0 or both infinite, there is no ratio.
    const plain = large == 0 || large == Infinity;
    store<f64>(y + (<usize>i << 3), plain ? large : large * Math.sqrt(1 + ratio * ratio));
  }
}
