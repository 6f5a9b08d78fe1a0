// Depthwise convolution on quantized activations: acc[oy, ox, o] = bias[o] + sum over taps of
// x[iy, ix, o / m] * (w[ky, kx, o] - wZero), then requantized (qs8: int8 and uint8), rescaled with a 64-bit bias (qs16) or
// made float (qd8_f32: what f32_dynamic_quantize left of floats). Padding is the input's zero point, which the bias takes off.
// Dot products want the taps of a channel side by side, so rows are interleaved once, into bands: 16 bytes are two rows of four
// channels as int16, or four rows as bytes. A ring holds the bands under the window as planes of four channels,
// [band][c / 4][columns and padding][4 channels][rows]: the inner loops know no borders, and walk along x with what
// belongs to four channels at hand. A window may begin at any of the rows between the starts of two bands; the weights
// are packed for each of these, with zeros where a band has rows outside the window:
// [first row][c / 4][bands][kw][4 channels][rows]. Bias: int32, padded to four channels.

import { finishRowBytes, finishRowFloats, finishRowHalves } from '../lib/finish';
import { FAST } from '../lib/requantize';
import { dotBytes } from '../lib/simd';

/** Forms of activations and outputs. */
const BYTES: i32 = 0;
const FLOATS: i32 = 1;
const HALVES: i32 = 2;

/** As FAST, where every sum times its scale is known to be small, so that nothing can go wrong before the clamp. */
const FAST_SMALL: i32 = -1;

/** Two rows of bytes as int16; `c` channels, planes `plane` bytes apart. Bytes become int8 by xor with `flip`. */
function interleaveBytes(a: usize, b: usize, to: usize, columns: i32, c: i32, plane: usize, flip: i32): void {
  const vf = i8x16.splat(<i8>flip);
  for (let left = c; left > 0; left -= 16) {
    let p = a;
    let r = b;
    let t = to;
    for (let i = columns; i > 0; i--) {
      const u = v128.xor(v128.load(p), vf);
      const v = v128.xor(v128.load(r), vf);
      const low = v128.shuffle<i8>(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const high = v128.shuffle<i8>(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      v128.store(t, i16x8.extend_low_i8x16_s(low));
      if (left > 4) v128.store(t + plane, i16x8.extend_high_i8x16_s(low));
      if (left > 8) v128.store(t + 2 * plane, i16x8.extend_low_i8x16_s(high));
      if (left > 12) v128.store(t + 3 * plane, i16x8.extend_high_i8x16_s(high));
      p += c;
      r += c;
      t += 16;
    }
    a += 16;
    b += 16;
    to += plane << 2;
  }
}

/** Two rows of int16. */
function interleaveHalves(a: usize, b: usize, to: usize, columns: i32, c: i32, plane: usize): void {
  const pixel = <usize>c << 1;
  for (let left = c; left > 0; left -= 8) {
    let p = a;
    let r = b;
    let t = to;
    for (let i = columns; i > 0; i--) {
      const u = v128.load(p);
      const v = v128.load(r);
      v128.store(t, v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11));
      if (left > 4) v128.store(t + plane, v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15));
      p += pixel;
      r += pixel;
      t += 16;
    }
    a += 16;
    b += 16;
    to += plane << 1;
  }
}

/** Four rows of bytes, as bytes. */
function interleaveQuads(
  a: usize, b: usize, d: usize, e: usize, to: usize, columns: i32, c: i32, plane: usize, flip: i32,
): void {
  const vf = i8x16.splat(<i8>flip);
  for (let left: usize = 0; left < <usize>c; left += 16) {
    let p = left;
    let t = to;
    const rest = c - <i32>left;
    for (let i = columns; i > 0; i--) {
      const x0 = v128.xor(v128.load(a + p), vf);
      const x1 = v128.xor(v128.load(b + p), vf);
      const x2 = v128.xor(v128.load(d + p), vf);
      const x3 = v128.xor(v128.load(e + p), vf);
      const u = v128.shuffle<i8>(x0, x1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const v = v128.shuffle<i8>(x2, x3, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      v128.store(t, v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11));
      if (rest > 4) v128.store(t + plane, v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15));
      if (rest > 8) {
        const u = v128.shuffle<i8>(x0, x1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const v = v128.shuffle<i8>(x2, x3, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        v128.store(t + 2 * plane, v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11));
        if (rest > 12) v128.store(t + 3 * plane, v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15));
      }
      p += c;
      t += 16;
    }
    to += plane << 2;
  }
}

/** Two rows of any form, each of `c` channels `m` times. */
function interleaveCopies(
  form: i32, a: usize, b: usize, to: usize, columns: i32, c: i32, m: i32, plane: usize, flip: i32,
): void {
  for (; columns > 0; columns--) {
    let o = 0;
    for (let i = 0; i < c; i++) {
      let u: i32, v: i32;
      if (form == HALVES) {
        u = load<i16>(a);
        v = load<i16>(b);
        a += 2;
        b += 2;
      } else {
        u = <i8>(load<u8>(a++) ^ <u8>flip);
        v = <i8>(load<u8>(b++) ^ <u8>flip);
      }
      for (const end = o + m; o < end; o++) {
        store<i32>(to + <usize>(o >> 2) * plane + <usize>((o & 3) << 2), (u & 0xffff) | (v << 16));
      }
    }
    to += 16;
  }
}

/** acc plus the products of what w and v hold of each channel: two int16, or four (`quads`) bytes. */
// @ts-ignore: decorator
@inline
function dot(quads: bool, w: v128, v: v128, acc: v128): v128 {
  if (quads) return dotBytes(w, v, acc);
  return i32x4.add(acc, i32x4.dot_i16x8_s(w, v));
}

/** dot for column k of the window, if there is one. k is a constant. */
// @ts-ignore: decorator
@inline
function tap(quads: bool, kw: i32, k: i32, acc: v128, v: v128, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): v128 {
  if (k < 0 || k >= kw) return acc;
  if (k == 0) return dot(quads, w0, v, acc);
  if (k == 1) return dot(quads, w1, v, acc);
  if (k == 2) return dot(quads, w2, v, acc);
  if (k == 3) return dot(quads, w3, v, acc);
  return dot(quads, w4, v, acc);
}

/**
 * One output row of the planes `from` to `end`, four pixels at a time (the last four overlap those before them; four are done even where there are
 * fewer). `bands` is a table of the `n` bands. Windows `fixed` columns wide, with stride `s` and no dilation, read each column
 * once; 0 stands for all others. Outputs are bytes (`small`) or sums, toColumn and toPlane bytes apart.
 */
// @ts-ignore: decorator
@inline
function row(
  quads: bool, fixed: i32, s: i32, bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize,
  ow: i32, toColumn: usize, toPlane: usize, kw: i32, dilation: usize, stride: usize, small: bool, q: usize, zero: i32, lo: i32,
  hi: i32, flip: i32,
): void {
  const magic: f32 = 12582912;
  const vm = f32x4.splat(magic);
  const vz = i32x4.splat(reinterpret<i32>(magic) - zero);
  const vlo = i8x16.splat(<i8>lo);
  const vhi = i8x16.splat(<i8>hi);
  const vf = i8x16.splat(<i8>flip);
  const bandsEnd = bands + (<usize>n << 2);
  const wPlane = <usize>(n * kw) << 4;
  let column = <usize>from * plane;
  w += <usize>from * wPlane;
  bias += <usize>from << 4;
  q += <usize>from << 4;
  for (; from < end; from++) {
    const first = v128.load(bias);
    for (let tile = 0; tile < ow; tile += 4) {
      const ox = <usize>max(min(tile, ow - 4), 0);
      const at = column + ox * stride;
      let a0 = first, a1 = first, a2 = first, a3 = first;
      let k = w;
      for (let band = bands; band < bandsEnd; band += 4) {
        let p = <usize>load<u32>(band) + at;
        if (fixed) {
          const w0 = v128.load(k);
          const w1 = v128.load(k, 16);
          const w2 = v128.load(k, 32);
          const w3 = fixed > 3 ? v128.load(k, 48) : w0;
          const w4 = fixed > 3 ? v128.load(k, 64) : w0;
          k += <usize>fixed << 4;
          let v = v128.load(p);
          a0 = tap(quads, fixed, 0, a0, v, w0, w1, w2, w3, w4);
          v = v128.load(p, 16);
          a0 = tap(quads, fixed, 1, a0, v, w0, w1, w2, w3, w4);
          a1 = tap(quads, fixed, 1 - s, a1, v, w0, w1, w2, w3, w4);
          v = v128.load(p, 32);
          a0 = tap(quads, fixed, 2, a0, v, w0, w1, w2, w3, w4);
          a1 = tap(quads, fixed, 2 - s, a1, v, w0, w1, w2, w3, w4);
          a2 = tap(quads, fixed, 2 - 2 * s, a2, v, w0, w1, w2, w3, w4);
          v = v128.load(p, 48);
          a0 = tap(quads, fixed, 3, a0, v, w0, w1, w2, w3, w4);
          a1 = tap(quads, fixed, 3 - s, a1, v, w0, w1, w2, w3, w4);
          a2 = tap(quads, fixed, 3 - 2 * s, a2, v, w0, w1, w2, w3, w4);
          a3 = tap(quads, fixed, 3 - 3 * s, a3, v, w0, w1, w2, w3, w4);
          v = v128.load(p, 64);
          a0 = tap(quads, fixed, 4, a0, v, w0, w1, w2, w3, w4);
          a1 = tap(quads, fixed, 4 - s, a1, v, w0, w1, w2, w3, w4);
          a2 = tap(quads, fixed, 4 - 2 * s, a2, v, w0, w1, w2, w3, w4);
          a3 = tap(quads, fixed, 4 - 3 * s, a3, v, w0, w1, w2, w3, w4);
          v = v128.load(p, 80);
          a1 = tap(quads, fixed, 5 - s, a1, v, w0, w1, w2, w3, w4);
          a2 = tap(quads, fixed, 5 - 2 * s, a2, v, w0, w1, w2, w3, w4);
          a3 = tap(quads, fixed, 5 - 3 * s, a3, v, w0, w1, w2, w3, w4);
          if (3 * s + fixed > 6) {
            v = v128.load(p, 96);
            a1 = tap(quads, fixed, 6 - s, a1, v, w0, w1, w2, w3, w4);
            a2 = tap(quads, fixed, 6 - 2 * s, a2, v, w0, w1, w2, w3, w4);
            a3 = tap(quads, fixed, 6 - 3 * s, a3, v, w0, w1, w2, w3, w4);
            v = v128.load(p, 112);
            a2 = tap(quads, fixed, 7 - 2 * s, a2, v, w0, w1, w2, w3, w4);
            a3 = tap(quads, fixed, 7 - 3 * s, a3, v, w0, w1, w2, w3, w4);
          }
          if (3 * s + fixed > 8) {
            v = v128.load(p, 128);
            a2 = tap(quads, fixed, 8 - 2 * s, a2, v, w0, w1, w2, w3, w4);
            a3 = tap(quads, fixed, 8 - 3 * s, a3, v, w0, w1, w2, w3, w4);
          }
        } else {
          for (const end = k + (<usize>kw << 4); k < end; k += 16) {
            const v = v128.load(k);
            a0 = dot(quads, v, v128.load(p), a0);
            let r = p + stride;
            a1 = dot(quads, v, v128.load(r), a1);
            r += stride;
            a2 = dot(quads, v, v128.load(r), a2);
            a3 = dot(quads, v, v128.load(r + stride), a3);
            p += dilation;
          }
        }
      }
      let t = to + ox * toColumn;
      if (small) {
        const scale = v128.load(q);
        a0 = i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a0), scale), vm), vz);
        a1 = i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a1), scale), vm), vz);
        a2 = i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a2), scale), vm), vz);
        a3 = i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a3), scale), vm), vz);
        const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a0, a1), i16x8.narrow_i32x4_s(a2, a3));
        const r = v128.xor(i8x16.min_s(i8x16.max_s(bytes, vlo), vhi), vf);
        v128.store32_lane(t, r, 0);
        t += toColumn;
        v128.store32_lane(t, r, 1);
        t += toColumn;
        v128.store32_lane(t, r, 2);
        v128.store32_lane(t + toColumn, r, 3);
      } else {
        v128.store(t, a0);
        t += toColumn;
        v128.store(t, a1);
        t += toColumn;
        v128.store(t, a2);
        v128.store(t + toColumn, a3);
      }
    }
    column += plane;
    w += wPlane;
    bias += 16;
    q += 16;
    to += toPlane;
  }
}

function pairs3x1(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    false, 3, 1, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 3, 16, 16, small, q, zero, lo, hi, flip,
  );
}

function pairs3x2(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    false, 3, 2, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 3, 16, 32, small, q, zero, lo, hi, flip,
  );
}

function pairs5x1(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    false, 5, 1, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 5, 16, 16, small, q, zero, lo, hi, flip,
  );
}

function pairs(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize,
  small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    false, 0, 0, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, small, q, zero, lo, hi,
    flip,
  );
}

function quads3x1(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    true, 3, 1, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 3, 16, 16, small, q, zero, lo, hi, flip,
  );
}

function quads3x2(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    true, 3, 2, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 3, 16, 32, small, q, zero, lo, hi, flip,
  );
}

function quads5x1(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    true, 5, 1, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 5, 16, 16, small, q, zero, lo, hi, flip,
  );
}

function quads(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize,
  small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  row(
    true, 0, 0, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, small, q, zero, lo, hi,
    flip,
  );
}

/** `row` without vectors; outputs are sums. */
function scalarRow(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, planes: i32, plane: usize, ow: i32, toColumn: usize, kw: i32,
  dilation: usize, stride: usize,
): void {
  let column: usize = 0;
  for (; planes > 0; planes--) {
    for (let o: usize = 0; o < 16; o += 4) {
      for (let ox: usize = 0; ox < <usize>ow; ox++) {
        let sum = load<i32>(bias + o);
        let k = w + o;
        for (let band: usize = 0; band < <usize>n; band++) {
          let p = <usize>load<u32>(bands + (band << 2)) + column + ox * stride + o;
          for (let kx = 0; kx < kw; kx++) {
            sum += <i32>load<i16>(p) * load<i16>(k) + <i32>load<i16>(p, 2) * load<i16>(k, 2);
            p += dilation;
            k += 16;
          }
        }
        store<i32>(to + ox * toColumn + o, sum);
      }
    }
    column += plane;
    w += <usize>(n * kw) << 4;
    bias += 16;
    to += 16;
  }
}

function rows(
  high: i32, bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize,
  small: bool, q: usize, zero: i32, lo: i32, hi: i32, flip: i32,
): void {
  if (!ASC_FEATURE_SIMD) {
    scalarRow(bands, n, w, bias, to, end, plane, ow, toColumn, kw, dilation, stride);
    return;
  }
  const near = dilation == 16;
  if (ASC_FEATURE_SIMD && high == 4) {
    if (near && kw == 3 && stride == 16) {
      quads3x1(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, small, q, zero, lo, hi, flip);
    } else if (near && kw == 3 && stride == 32) {
      quads3x2(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, small, q, zero, lo, hi, flip);
    } else if (near && kw == 5 && stride == 16) {
      quads5x1(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, small, q, zero, lo, hi, flip);
    } else {
      quads(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, small, q, zero, lo, hi, flip);
    }
    return;
  }
  if (near && kw == 3 && stride == 16) {
    pairs3x1(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, small, q, zero, lo, hi, flip);
  } else if (near && kw == 3 && stride == 32) {
    pairs3x2(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, small, q, zero, lo, hi, flip);
  } else if (near && kw == 5 && stride == 16) {
    pairs5x1(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, small, q, zero, lo, hi, flip);
  } else {
    pairs(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, small, q, zero, lo, hi, flip);
  }
}

/** Fills columns `from` to `to` of `planes` planes with the same 32 bits. */
function pad(ring: usize, planes: i32, plane: usize, from: i32, to: i32, value: u32): void {
  const v = <u64>value << 32 | <u64>value;
  for (; planes > 0; planes--) {
    for (let i = from; i < to; i++) {
      const t = ring + (<usize>i << 4);
      store<u64>(t, v);
      store<u64>(t, v, 8);
    }
    ring += plane;
  }
}

/**
 * All three kernels. Scratch: the table of bands, a row of padding, the ring, one bias and one row of sums; its size is
 * scratchBytes in bindings/ops/depthwise-conv-2d.ts.
 */
// @ts-ignore: decorator
@inline
function dwconv(
  form: i32, x: usize, w: usize, bias: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32,
  ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, high: i32, xZero: i32, xFlip: i32,
  dynamic: usize, q: usize, scales: usize, zero: i32, lo: i32, hi: i32, flip: i32, mode: i32, flo: f32, fhi: f32,
  begin: i32, end: i32,
): void {
  const bits = form == HALVES ? 1 : 0;
  const ci = c / m;
  const planes = (c + 3) >> 2;
  const fours = (ow + 3) >> 2;
  // Rows from one band to the next: bands of four overlap where one is enough for any window.
  const step = high == 4 && kh <= 3 ? 2 : high;
  const n = (step + kh + high - 2) / high;
  const columns = ((fours << 2) - 1) * sw + (kw - 1) * dw + 1;
  const plane = <usize>columns << 4;
  const band = <usize>planes * plane;
  const wFirst = <usize>(planes * n * kw) << 4;
  const xRow = <usize>(iw * ci) << bits;
  const outRow = <usize>(ow * c) << (form == FLOATS ? 2 : bits);
  const missing = scratch + ((<usize>n << 2) + 15 & ~15);
  const ring = missing + xRow + 16;
  const ownBias = ring + <usize>n * band;
  const sums = ownBias + (<usize>planes << 4);
  const from = min(left, columns);
  const inside = min(iw, columns - from);
  const small = mode == FAST_SMALL;
  for (let phase = begin; phase < min(begin + dh, end); phase++) {
    // Rows `dh` apart are an image of their own, whose row 0 is `origin`.
    let image = -1;
    let scale: f32 = 1;
    let origin = 0;
    let start = 0;
    let next = 0;
    for (let unit = phase; unit < end; unit += dh) {
      const batch = unit / oh;
      if (batch != image) {
        image = batch;
        origin = (unit - batch * oh) * sh - top;
        start = unit;
        next = 0;
        if (form == FLOATS) {
          scale = load<f32>(dynamic + (<usize>batch << 3));
          xZero = load<i32>(dynamic + (<usize>batch << 3), 4) + xFlip;
          for (let i: usize = 0; i < <usize>planes << 4; i += 4) store<i32>(ownBias + i, -xZero * load<i32>(bias + i));
        }
        memory.fill(missing, <u8>(xZero ^ xFlip), xRow);
        const value = high == 4 ? <u32>(xZero & 0xff) * 0x1010101 : <u32>(xZero & 0xffff) * 0x10001;
        pad(ring, n * planes, plane, 0, from, value);
        pad(ring, n * planes, plane, from + inside, columns, value);
      }
      const xn = x + <usize>(batch * ih) * xRow;
      const index = (unit - start) / dh * sh;
      const firstBand = index / step;
      for (let g = max(next, firstBand); g < firstBand + n; g++) {
        const r = origin + g * step * dh;
        const a = r >= 0 && r < ih ? xn + <usize>r * xRow : missing;
        const b = r + dh >= 0 && r + dh < ih ? xn + <usize>(r + dh) * xRow : missing;
        const to = ring + <usize>(g % n) * band + (<usize>from << 4);
        if (ASC_FEATURE_SIMD && high == 4) {
          const d = r + 2 * dh >= 0 && r + 2 * dh < ih ? xn + <usize>(r + 2 * dh) * xRow : missing;
          const e = r + 3 * dh >= 0 && r + 3 * dh < ih ? xn + <usize>(r + 3 * dh) * xRow : missing;
          interleaveQuads(a, b, d, e, to, inside, c, plane, xFlip);
        } else if (!ASC_FEATURE_SIMD || m > 1) {
          interleaveCopies(form, a, b, to, inside, ci, m, plane, xFlip);
        } else if (form == HALVES) {
          interleaveHalves(a, b, to, inside, c, plane);
        } else {
          interleaveBytes(a, b, to, inside, c, plane, xFlip);
        }
      }
      next = firstBand + n;
      for (let i = 0; i < n; i++) store<u32>(scratch + (<usize>i << 2), <u32>(ring + <usize>((firstBand + i) % n) * band));
      const wr = w + <usize>(index % step) * wFirst;
      const br = form == FLOATS ? ownBias : bias;
      const to = y + <usize>unit * outRow;
      const dilation = <usize>dw << 4;
      const stride = <usize>sw << 4;
      if (ASC_FEATURE_SIMD && form == BYTES && small) {
        const full = ow < 4 ? 0 : c >> 2;
        rows(high, scratch, n, wr, br, to, 0, full, plane, ow, c, 4, kw, dilation, stride, true, q, zero, lo, hi, flip);
        // Planes that would write too much go through memory of their own.
        for (let i = full; i < planes; i++) {
          rows(high, scratch, n, wr, br, sums, i, i + 1, plane, ow, 4, 0, kw, dilation, stride, true, q, zero, lo, hi, flip);
          for (let ox = 0; ox < ow; ox++) {
            const v = load<u32>(sums + (<usize>ox << 2));
            for (let o = i << 2; o < min(c, (i + 1) << 2); o++) store<u8>(to + <usize>(ox * c + o), <u8>(v >> ((o & 3) << 3)));
          }
        }
      } else {
        const pixel = <usize>planes << 4;
        rows(high, scratch, n, wr, br, sums, 0, planes, plane, ow, pixel, 16, kw, dilation, stride, false, q, 0, 0, 0, 0);
        if (form == FLOATS) finishRowFloats(sums, scale, scales, q, to, ow, c, planes << 2, flo, fhi);
        else if (form == HALVES) finishRowHalves(sums, q, to, ow, c, planes << 2, lo, hi);
        else finishRowBytes(sums, q, to, ow, c, planes << 2, zero, lo, hi, flip, small ? FAST : mode);
      }
    }
  }
}

/**
 * int8 and uint8. Units: output rows, batch * oh. x [n, ih, iw, c / m], y [n, oh, ow, c]; w and bias packed as above.
 * A band is `high` rows: 2, or 4 where relaxed dot products take x as it is after xor with xFlip, and m is 1.
 * q, mode: a block of lib/requantize. uint8 outputs come as int8: zero point and limits less 128, and flip = 128.
 */
export function qs8_dwconv(
  x: usize, w: usize, bias: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, high: i32, xZero: i32, xFlip: i32,
  q: usize, mode: i32, zero: i32, lo: i32, hi: i32, flip: i32, begin: i32, end: i32,
): void {
  dwconv(
    BYTES, x, w, bias, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, high, xZero, xFlip,
    0, q, 0, zero, lo, hi, flip, mode, 0, 0, begin, end,
  );
}

/**
 * Float outputs; x and `dynamic` are what f32_dynamic_quantize makes of the images as rows. int8 weights with `scales` [c];
 * `weightSums` are their sums over all taps, where the others have an int32 bias. Reads scales and bias 12 bytes past.
 */
export function qd8_f32_dwconv(
  x: usize, w: usize, weightSums: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, high: i32, xFlip: i32,
  dynamic: usize, bias: usize, scales: usize, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  dwconv(
    FLOATS, x, w, weightSums, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, high, 0, xFlip,
    dynamic, bias, scales, 0, 0, 0, 0, 0, lo, hi, begin, end,
  );
}

/** int16 activations, int8 weights, at most 511 taps; `zeros` stand for the bias, q as for finishRowHalves. */
export function qs16_dwconv(
  x: usize, w: usize, zeros: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  q: usize, lo: i32, hi: i32, begin: i32, end: i32,
): void {
  dwconv(
    HALVES, x, w, zeros, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, 2, 0, 0,
    0, q, 0, 0, lo, hi, 0, 0, 0, 0, begin, end,
  );
}
