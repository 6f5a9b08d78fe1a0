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
import { EXACT_RIGHT, FAST, FAST_SMALL, roundingDoublingHighMulx4 } from '../lib/requantize';
import { clampx4, dotBytes } from '../lib/simd';

/** Forms of activations, and what a row becomes at once: bytes, floats, or sums for lib/finish. */
const BYTES: i32 = 0;
const FLOATS: i32 = 1;
const HALVES: i32 = 2;
const SUMS: i32 = 3;
const EXACT_BYTES: i32 = 4;

/** As EXACT_RIGHT, where no sum reaches 2^22, so that floats can do the second rounding. */
const EXACT_SMALL: i32 = -2;

/**
 * What the plan must know of the weights of each channel: their sum, the sum of their absolute values, and the largest of w and
 * -1 - w. Weights are bytes xor `flip`, signed, minus `zero`. y: [3][c padded to four] int32; units are channels.
 */
export function qs8_dwconv_weigh(
  taps: i32, c: i32, w: usize, flip: i32, zero: i32, y: usize, begin: i32, end: i32,
): void {
  const next = <usize>(c + 3 & ~3) << 2;
  for (let i = begin; i < end; i++) {
    let sum = 0;
    let size = 0;
    let span = 0;
    let p = w + i;
    for (let t = taps; t > 0; t--) {
      const v = <i32><i8>(load<u8>(p) ^ <u8>flip) - zero;
      sum += v;
      size += abs(v);
      span = max(span, v ^ (v >> 31));
      p += c;
    }
    const t = y + (<usize>i << 2);
    store<i32>(t, sum);
    store<i32>(t + next, size);
    store<i32>(t + 2 * next, span);
  }
}

/**
 * Packs weights into `n` bands of `high` rows for each of `step` first rows; of four rows they are int8. Units are `planes` of four
 * channels: all, or those in `list`, whose bands are followed by as many with what int8 leaves of the weights.
 */
export function qs8_dwconv_pack(
  c: i32, kh: i32, kw: i32, high: i32, step: i32, n: i32, w: usize, flip: i32, zero: i32, list: usize, planes: i32,
  y: usize, begin: i32, end: i32,
): void {
  const bands = list ? 2 * n : n;
  const vectors = bands * kw;
  for (let unit = begin; unit < end; unit++) {
    const channel = (list ? load<i32>(list + (<usize>unit << 2)) : unit) << 2;
    const channels = min(4, c - channel);
    for (let first = 0; first < step; first++) {
      let t = y + (<usize>((first * planes + unit) * vectors) << 4);
      memory.fill(t, 0, <usize>vectors << 4);
      for (let band = 0; band < bands; band++) {
        const top = (band < n ? band : band - n) * high - first;
        for (let kx = 0; kx < kw; kx++) {
          for (let row = 0; row < high; row++) {
            const ky = top + row;
            if (ky < 0 || ky >= kh) continue;
            const p = w + <usize>((ky * kw + kx) * c + channel);
            for (let i = 0; i < channels; i++) {
              const v = <i32><i8>(load<u8>(p + i) ^ <u8>flip) - zero;
              const at = <usize>(i * high + row);
              const fit = min(max(v, -128), 127);
              if (high == 2) store<i16>(t + (at << 1), <i16>v);
              else store<i8>(t + at, <i8>(band < n ? fit : v - fit));
            }
          }
          t += 16;
        }
      }
    }
  }
}

/** Two rows of bytes as int16; `c` channels, planes `plane` bytes apart. Bytes become int8 by xor with `flip`. */
function interleaveBytes(a: usize, b: usize, to: usize, columns: i32, c: i32, plane: usize, flip: i32): void {
  const vf = i8x16.splat(<i8>flip);
  for (let left = c; left > 0; left -= 16) {
    // Planes that are not there take the first one's place, which is written last.
    const p1 = left > 4 ? plane : 0;
    const p2 = left > 8 ? plane << 1 : 0;
    const p3 = left > 12 ? plane * 3 : 0;
    let p = a;
    let r = b;
    let t = to;
    for (let i = columns; i > 0; i--) {
      const u = v128.xor(v128.load(p), vf);
      const v = v128.xor(v128.load(r), vf);
      const low = v128.shuffle<i8>(u, v, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const high = v128.shuffle<i8>(u, v, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      v128.store(t + p3, i16x8.extend_high_i8x16_s(high));
      v128.store(t + p2, i16x8.extend_low_i8x16_s(high));
      v128.store(t + p1, i16x8.extend_high_i8x16_s(low));
      v128.store(t, i16x8.extend_low_i8x16_s(low));
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
  for (let left = c; left > 0; left -= 16) {
    const p1 = left > 4 ? plane : 0;
    const p2 = left > 8 ? plane << 1 : 0;
    const p3 = left > 12 ? plane * 3 : 0;
    let p = <usize>(c - left);
    let t = to;
    for (let i = columns; i > 0; i--) {
      const x0 = v128.xor(v128.load(a + p), vf);
      const x1 = v128.xor(v128.load(b + p), vf);
      const x2 = v128.xor(v128.load(d + p), vf);
      const x3 = v128.xor(v128.load(e + p), vf);
      const u0 = v128.shuffle<i8>(x0, x1, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const u1 = v128.shuffle<i8>(x0, x1, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const v0 = v128.shuffle<i8>(x2, x3, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const v1 = v128.shuffle<i8>(x2, x3, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      v128.store(t + p3, v128.shuffle<i16>(u1, v1, 4, 12, 5, 13, 6, 14, 7, 15));
      v128.store(t + p2, v128.shuffle<i16>(u1, v1, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(t + p1, v128.shuffle<i16>(u0, v0, 4, 12, 5, 13, 6, 14, 7, 15));
      v128.store(t, v128.shuffle<i16>(u0, v0, 0, 8, 1, 9, 2, 10, 3, 11));
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

/** dot for three neighbouring columns. */
// @ts-ignore: decorator
@inline
function three(quads: bool, w0: v128, w1: v128, w2: v128, x0: v128, x1: v128, x2: v128, acc: v128): v128 {
  return dot(quads, w2, x2, dot(quads, w1, x1, dot(quads, w0, x0, acc)));
}

/** Five neighbouring columns. */
// @ts-ignore: decorator
@inline
function five(
  quads: bool, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, acc: v128,
): v128 {
  return dot(quads, w4, x4, dot(quads, w3, x3, three(quads, w0, w1, w2, x0, x1, x2, acc)));
}

/** 2^-31 (1 + 2^-23). */
const A_LITTLE_MORE: f32 = 4.6566134e-10;

/** Bytes of parameters for four channels. */
// @ts-ignore: decorator
@inline
function parameterBytes(emits: i32): usize {
  return emits == BYTES ? 16 : emits == FLOATS ? 32 : 48;
}

/** Four pixels of four channels as `emits` says, `column` bytes apart. */
// @ts-ignore: decorator
@inline
function emit(emits: i32, a: v128, b: v128, c: v128, d: v128, to: usize, column: usize, q: usize, output: usize): void {
  const t = to + (column << 1);
  if (emits == BYTES || emits == EXACT_BYTES) {
    let scale: v128;
    if (emits == BYTES) {
      scale = v128.load(q);
    } else {
      const multiplier = v128.load(q);
      a = roundingDoublingHighMulx4(a, multiplier);
      b = roundingDoublingHighMulx4(b, multiplier);
      c = roundingDoublingHighMulx4(c, multiplier);
      d = roundingDoublingHighMulx4(d, multiplier);
      // From 2^(31 - r) to a little more than 2^-r, which moves halves, and nothing else, away from zero.
      scale = f32x4.mul(f32x4.convert_i32x4_s(v128.load(q, 32)), f32x4.splat(A_LITTLE_MORE));
    }
    const magic = v128.load(output);
    const base = v128.load(output, 16);
    const r = v128.xor(
      i8x16.min_s(
        i8x16.max_s(
          i8x16.narrow_i16x8_s(
            i16x8.narrow_i32x4_s(rounded(a, scale, magic, base), rounded(b, scale, magic, base)),
            i16x8.narrow_i32x4_s(rounded(c, scale, magic, base), rounded(d, scale, magic, base)),
          ),
          v128.load(output, 32),
        ),
        v128.load(output, 48),
      ),
      v128.load(output, 64),
    );
    v128.store32_lane(to, r, 0);
    v128.store32_lane(to + column, r, 1);
    v128.store32_lane(t, r, 2);
    v128.store32_lane(t + column, r, 3);
    return;
  }
  if (emits == FLOATS) {
    const scale = v128.load(q);
    const bias = v128.load(q, 16);
    const lo = v128.load(output);
    const hi = v128.load(output, 16);
    a = clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a), scale), bias), lo, hi);
    b = clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(b), scale), bias), lo, hi);
    c = clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(c), scale), bias), lo, hi);
    d = clampx4(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(d), scale), bias), lo, hi);
  }
  v128.store(to, a);
  v128.store(to + column, b);
  v128.store(t, c);
  v128.store(t + column, d);
}

/** round(acc * scale) plus the zero point, which `base` has. */
// @ts-ignore: decorator
@inline
function rounded(acc: v128, scale: v128, magic: v128, base: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(acc), scale), magic), base);
}

/**
 * One output row of the planes `from` to `end`, four pixels at a time; the last four overlap those before them, and four are
 * done even where there are fewer. `bands` is a table of the `n` bands under the window. Outputs are toColumn and toPlane bytes
 * apart. For windows 3 wide with stride `s`, and one band of four or two of two rows.
 */
// @ts-ignore: decorator
@inline
function row3(
  quads: bool, s: i32,
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, emits: i32, q: usize, output: usize,
): void {
  const x0 = <usize>load<u32>(bands);
  const x1 = quads ? x0 : <usize>load<u32>(bands, 4);
  const stride = <usize>s << 6;
  for (; from < end; from++) {
    const start = v128.load(bias);
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const at = <usize>from * plane;
    let p = x0 + at;
    let r = x1 + at;
    let t = to;
    for (let left = ow; left > 0; left -= 4) {
      if (left < 4 && ow > 4) {
        const back = <usize>(4 - left);
        p -= back * (stride >> 2);
        r -= back * (stride >> 2);
        t -= back * toColumn;
      }
      let v0 = v128.load(p);
      let v1 = v128.load(p, 16);
      let v2 = v128.load(p, 32);
      let v3 = v128.load(p, 48);
      let v4 = v128.load(p, 64);
      let v5 = v128.load(p, 80);
      let v6 = s == 2 ? v128.load(p, 96) : v5;
      let v7 = s == 2 ? v128.load(p, 112) : v5;
      let v8 = s == 2 ? v128.load(p, 128) : v5;
      let a0 = three(quads, w0, w1, w2, v0, v1, v2, start);
      let a1 = s == 1 ? three(quads, w0, w1, w2, v1, v2, v3, start) : three(quads, w0, w1, w2, v2, v3, v4, start);
      let a2 = s == 1 ? three(quads, w0, w1, w2, v2, v3, v4, start) : three(quads, w0, w1, w2, v4, v5, v6, start);
      let a3 = s == 1 ? three(quads, w0, w1, w2, v3, v4, v5, start) : three(quads, w0, w1, w2, v6, v7, v8, start);
      if (!quads) {
        // The needless test keeps V8 from loading both bands at once, which would not fit into the registers.
        if (toColumn) {
          const w3 = v128.load(w, 48);
          const w4 = v128.load(w, 64);
          const w5 = v128.load(w, 80);
          v0 = v128.load(r);
          v1 = v128.load(r, 16);
          v2 = v128.load(r, 32);
          v3 = v128.load(r, 48);
          v4 = v128.load(r, 64);
          v5 = v128.load(r, 80);
          v6 = s == 2 ? v128.load(r, 96) : v5;
          v7 = s == 2 ? v128.load(r, 112) : v5;
          v8 = s == 2 ? v128.load(r, 128) : v5;
          a0 = three(quads, w3, w4, w5, v0, v1, v2, a0);
          a1 = s == 1 ? three(quads, w3, w4, w5, v1, v2, v3, a1) : three(quads, w3, w4, w5, v2, v3, v4, a1);
          a2 = s == 1 ? three(quads, w3, w4, w5, v2, v3, v4, a2) : three(quads, w3, w4, w5, v4, v5, v6, a2);
          a3 = s == 1 ? three(quads, w3, w4, w5, v3, v4, v5, a3) : three(quads, w3, w4, w5, v6, v7, v8, a3);
        }
        r += stride;
      }
      emit(emits, a0, a1, a2, a3, t, toColumn, q, output);
      p += stride;
      t += toColumn << 2;
    }
    w += quads ? 48 : 96;
    bias += 16;
    q += parameterBytes(emits);
    to += toPlane;
  }
}

/** As row3, for any number of bands: windows 5 wide with stride 1 (`fixed`), or any others. */
// @ts-ignore: decorator
@inline
function rowOf(
  quads: bool, fixed: bool,
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize, emits: i32, q: usize, output: usize,
): void {
  const bandsEnd = bands + (<usize>n << 2);
  const wPlane = <usize>(n * kw) << 4;
  for (; from < end; from++) {
    const start = v128.load(bias);
    let at = <usize>from * plane;
    let t = to;
    for (let left = ow; left > 0; left -= 4) {
      if (left < 4 && ow > 4) {
        const back = <usize>(4 - left);
        at -= back * stride;
        t -= back * toColumn;
      }
      let a0 = start, a1 = start, a2 = start, a3 = start;
      let k = w;
      for (let band = bands; band < bandsEnd; band += 4) {
        let p = <usize>load<u32>(band) + at;
        if (fixed) {
          const w0 = v128.load(k);
          const w1 = v128.load(k, 16);
          const w2 = v128.load(k, 32);
          const w3 = v128.load(k, 48);
          const w4 = v128.load(k, 64);
          const v1 = v128.load(p, 16);
          const v2 = v128.load(p, 32);
          const v3 = v128.load(p, 48);
          const v4 = v128.load(p, 64);
          a0 = five(quads, w0, w1, w2, w3, w4, v128.load(p), v1, v2, v3, v4, a0);
          const v5 = v128.load(p, 80);
          a1 = five(quads, w0, w1, w2, w3, w4, v1, v2, v3, v4, v5, a1);
          // As above.
          if (toColumn) {
            const v6 = v128.load(p, 96);
            a2 = five(quads, w0, w1, w2, w3, w4, v2, v3, v4, v5, v6, a2);
            a3 = five(quads, w0, w1, w2, w3, w4, v3, v4, v5, v6, v128.load(p, 112), a3);
          }
          k += 80;
        } else {
          for (const kEnd = k + (<usize>kw << 4); k < kEnd; k += 16) {
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
      emit(emits, a0, a1, a2, a3, t, toColumn, q, output);
      at += stride << 2;
      t += toColumn << 2;
    }
    w += wPlane;
    bias += 16;
    q += parameterBytes(emits);
    to += toPlane;
  }
}

function row3x1<T>(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, emits: i32, q: usize, output: usize,
): void {
  row3(sizeof<T>() == 1, 1, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, emits, q, output);
}

function row3x2<T>(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, emits: i32, q: usize, output: usize,
): void {
  row3(sizeof<T>() == 1, 2, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, emits, q, output);
}

function row5x1<T>(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, emits: i32, q: usize, output: usize,
): void {
  rowOf(sizeof<T>() == 1, true, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, 5, 16, 16, emits, q, output);
}

function anyRow<T>(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize, emits: i32, q: usize, output: usize,
): void {
  rowOf(
    sizeof<T>() == 1, false, bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, emits, q, output,
  );
}

/** A row by the function made for its window. Bands hold T: int16 in pairs of rows, or bytes in fours. */
// @ts-ignore: decorator
@inline
function row<T>(
  bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize, emits: i32, q: usize, output: usize,
): void {
  const near = dilation == 16;
  // One band of four rows, or two of two.
  const few = n == <i32>sizeof<T>();
  if (near && kw == 3 && stride == 16 && few) {
    row3x1<T>(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, emits, q, output);
  } else if (near && kw == 3 && stride == 32 && few) {
    row3x2<T>(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, emits, q, output);
  } else if (near && kw == 5 && stride == 16) {
    row5x1<T>(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, emits, q, output);
  } else {
    anyRow<T>(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, emits, q, output);
  }
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

/** The planes `from` to `end` of a row; w, bias and q are those of plane 0. */
function rows(
  high: i32, bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, toColumn: usize,
  toPlane: usize, kw: i32, dilation: usize, stride: usize, emits: i32, q: usize, output: usize,
): void {
  if (!ASC_FEATURE_SIMD) {
    scalarRow(bands, n, w, bias, to, end, plane, ow, toColumn, kw, dilation, stride);
    return;
  }
  w += <usize>(from * n * kw) << 4;
  bias += <usize>from << 4;
  q += <usize>from * parameterBytes(emits);
  if (high == 2) {
    row<i16>(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, emits, q, output);
  } else {
    row<i8>(bands, n, w, bias, to, from, end, plane, ow, toColumn, toPlane, kw, dilation, stride, emits, q, output);
  }
}

/** `rows` of `c` channels, from plane 0 at `to`. Behind `output` is memory for what would be written too much. */
function wholeRows(
  high: i32, bands: usize, n: i32, w: usize, bias: usize, to: usize, from: i32, end: i32, plane: usize, ow: i32, c: i32, kw: i32,
  dilation: usize, stride: usize, emits: i32, q: usize, output: usize,
): void {
  const size: usize = emits == FLOATS || emits == SUMS ? 4 : 1;
  const four = size << 2;
  const pixel = <usize>c * size;
  const full = emits == SUMS ? end : ow < 4 ? from : max(from, min(end, c >> 2));
  const first = to + <usize>from * four;
  rows(high, bands, n, w, bias, first, from, full, plane, ow, pixel, four, kw, dilation, stride, emits, q, output);
  for (let i = full; i < end; i++) {
    const spare = output + 80;
    rows(high, bands, n, w, bias, spare, i, i + 1, plane, ow, four, 0, kw, dilation, stride, emits, q, output);
    const there = min(four, <usize>(c - (i << 2)) * size);
    for (let ox: usize = 0; ox < <usize>ow; ox++) {
      memory.copy(to + ox * pixel + <usize>i * four, spare + ox * four, there);
    }
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
  form: i32, x: usize, w: usize, wide: usize, bias: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32,
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
  const missing = scratch + ((<usize>n << 3) + 15 & ~15);
  const ring = missing + xRow + 16;
  const ownBias = ring + <usize>n * band;
  const ownScales = ownBias + (<usize>planes << 4);
  const output = ownScales + (<usize>planes << 5);
  const sums = output + 80;
  const from = min(left, columns);
  const inside = min(iw, columns - from);
  let emits = SUMS;
  const standard = mode == FAST_SMALL ? FAST : mode == EXACT_SMALL ? EXACT_RIGHT : mode;
  if (ASC_FEATURE_SIMD) {
    if (form == FLOATS) emits = FLOATS;
    else if (mode == FAST_SMALL) emits = BYTES;
    else if (mode == EXACT_SMALL) emits = EXACT_BYTES;
    if (form == FLOATS) {
      v128.store(output, f32x4.splat(flo));
      v128.store(output, f32x4.splat(fhi), 16);
    } else {
      const magic: f32 = 12582912;
      v128.store(output, f32x4.splat(magic));
      v128.store(output, i32x4.splat(reinterpret<i32>(magic) - zero), 16);
      v128.store(output, i8x16.splat(<i8>lo), 32);
      v128.store(output, i8x16.splat(<i8>hi), 48);
      v128.store(output, i8x16.splat(<i8>flip), 64);
    }
  }
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
          for (let i: usize = 0; i < <usize>planes << 4; i += 4) {
            store<i32>(ownBias + i, -xZero * load<i32>(bias + i));
            const t = ownScales + ((i & ~15) << 1) + (i & 15);
            store<f32>(t, scale * load<f32>(scales + i));
            store<f32>(t, load<f32>(q + i), 16);
          }
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
      for (let i = 0; i < 2 * n; i++) {
        store<u32>(scratch + (<usize>i << 2), <u32>(ring + <usize>((firstBand + i) % n) * band));
      }
      const wr = w + <usize>(index % step) * wFirst;
      const br = form == FLOATS ? ownBias : bias;
      const to = y + <usize>unit * outRow;
      const dilation = <usize>dw << 4;
      const stride = <usize>sw << 4;
      const at = emits == SUMS ? sums : to;
      const channels = emits == SUMS ? planes << 2 : c;
      const parameters = form == FLOATS ? ownScales : q;
      wholeRows(high, scratch, n, wr, br, at, 0, planes, plane, ow, channels, kw, dilation, stride, emits, parameters, output);
      if (wide) {
        const count = load<i32>(wide);
        const wPlane = <usize>(n * kw) << 5;
        let ww = wide + ((<usize>count + 1 << 2) + 15 & ~15) + <usize>(index % step * count) * wPlane;
        for (let k = 0; k < count; k++) {
          const i = load<i32>(wide + (<usize>k << 2), 4);
          const w0 = ww - <usize>i * wPlane;
          wholeRows(
            high, scratch, 2 * n, w0, br, at, i, i + 1, plane, ow, channels, kw, dilation, stride, emits, parameters, output,
          );
          ww += wPlane;
        }
      }
      if (emits == SUMS) {
        if (form == FLOATS) finishRowFloats(sums, scale, scales, q, to, ow, c, planes << 2, flo, fhi);
        else if (form == HALVES) finishRowHalves(sums, q, to, ow, c, planes << 2, lo, hi);
        else finishRowBytes(sums, q, to, ow, c, planes << 2, zero, lo, hi, flip, standard);
      }
    }
  }
}

/**
 * int8 and uint8. Units: output rows, batch * oh. x [n, ih, iw, c / m], y [n, oh, ow, c]; w and bias packed as above.
 * A band is `high` rows: 2, or 4 where relaxed dot products take x as it is after xor with xFlip, and m is 1. Weights of four
 * rows are int8; what some planes have beyond that is in `wide` (0 for nothing): { count, planes }, then on the next 16
 * bytes their weights, packed as if each plane lay under its bands twice: int8, and the rest.
 * q, mode: a block of lib/requantize. uint8 outputs come as int8: zero point and limits less 128, and flip = 128.
 */
export function qs8_dwconv(
  x: usize, w: usize, wide: usize, bias: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, high: i32, xZero: i32, xFlip: i32,
  q: usize, mode: i32, zero: i32, lo: i32, hi: i32, flip: i32, begin: i32, end: i32,
): void {
  dwconv(
    BYTES, x, w, wide, bias, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, high, xZero, xFlip,
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
    FLOATS, x, w, 0, weightSums, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, high, 0, xFlip,
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
    HALVES, x, w, 0, zeros, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, 2, 0, 0,
    0, q, 0, 0, lo, hi, 0, 0, 0, 0, begin, end,
  );
}
