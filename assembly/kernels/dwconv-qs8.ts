// Depthwise convolution on quantized activations: acc[oy, ox, o] = bias[o] + sum over taps of
// (x[iy, ix, o / m] - xZero) * (w[ky, kx, o] - wZero), then requantized (qs8: int8 and uint8), rescaled with a 64-bit
// bias (qs16) or made float (qd8_f32: float activations, quantized here with one scale a batch).
// Rows are widened once to int16 minus zero point, into a ring of as many rows as the window is high, with zeros as
// horizontal padding and m copies of each channel: the inner loop knows neither borders nor multipliers. It walks
// a table of tap addresses two at a time, because dot_i16x8 wants pairs.
// Packed weights: [ceil(c / 8)][ceil(taps / 2)][8 channels][2 taps] int16. Bias: int32, padded to 8 channels.

import { asymmetricScale, asymmetricZeroPoint, lowerEnd, quantize, quantizex4, upperEnd } from '../lib/dynamic-quantization';
import { finishRowBytes, finishRowFloats, finishRowHalves } from '../lib/finish';

/** Forms of the input. */
const BYTES: i32 = 0;
const FLOATS: i32 = 1;
const HALVES: i32 = 2;

/** `n` elements of x, each `m` times, as int16 minus `zero`: bytes become int8 by xor with `flip`. */
function widenBytes(x: usize, to: usize, n: i32, m: i32, zero: i32, flip: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    if (m == 1) {
      const vf = i8x16.splat(<i8>flip);
      const vz = i16x8.splat(<i16>zero);
      for (; i + 16 <= n; i += 16) {
        const v = v128.xor(v128.load(x), vf);
        v128.store(to, i16x8.sub(i16x8.extend_low_i8x16_s(v), vz));
        v128.store(to, i16x8.sub(i16x8.extend_high_i8x16_s(v), vz), 16);
        x += 16;
        to += 32;
      }
    }
  }
  for (; i < n; i++) {
    const v = <i32><i8>(load<u8>(x++) ^ <u8>flip) - zero;
    for (let k = 0; k < m; k++) {
      store<i16>(to, <i16>v);
      to += 2;
    }
  }
}

/** `n` floats, each `m` times, quantized as clamp(round(v / scale + zero)) and stored as int16 minus `zero`. */
function widenFloats(x: usize, to: usize, n: i32, m: i32, inverse: f32, zero: i32): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    if (m == 1) {
      for (; i + 4 <= n; i += 4) {
        const t = i32x4.sub(quantizex4(v128.load(x), inverse, zero, -128), i32x4.splat(zero));
        v128.store64_lane(to, i16x8.narrow_i32x4_s(t, t), 0);
        x += 16;
        to += 8;
      }
    }
  }
  for (; i < n; i++) {
    const v = <i16>(quantize(load<f32>(x), inverse, zero, -128) - zero);
    x += 4;
    for (let k = 0; k < m; k++) {
      store<i16>(to, v);
      to += 2;
    }
  }
}

function widenHalves(x: usize, to: usize, n: i32, m: i32): void {
  if (m == 1) {
    memory.copy(to, x, <usize>n << 1);
    return;
  }
  for (let i = 0; i < n; i++) {
    const v = load<i16>(x + (<usize>i << 1));
    for (let k = 0; k < m; k++) {
      store<i16>(to, v);
      to += 2;
    }
  }
}

/** Two taps of eight channels of one pixel, interleaved; low and high halves. */
// @ts-ignore: decorator
@inline
function pairLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
// @ts-ignore: decorator
@inline
function pairHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
// @ts-ignore: decorator
@inline
function dot(a: v128, b: v128, acc: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
}

/**
 * Sums of one output row: acc [4 * fours, c8], c8 a multiple of 8. `taps` holds the addresses of all taps of column 0
 * (channel 0), an even number of them; neighbouring outputs are `step` bytes apart there.
 */
function accumulateRow(
  taps: usize, pairs: i32, w: usize, bias: usize, acc: usize, fours: i32, c8: i32, step: usize,
): void {
  const stride = <usize>c8 << 2;
  const tapsEnd = taps + (<usize>pairs << 3);
  let column: usize = 0;
  for (; fours > 0; fours--) {
    let q = w;
    for (let c: usize = 0; c < <usize>c8; c += 8) {
      const b = bias + (c << 2);
      const offset = column + (c << 1);
      if (ASC_FEATURE_SIMD) {
        let a0 = v128.load(b);
        let b0 = v128.load(b, 16);
        let a1 = a0, a2 = a0, a3 = a0;
        let b1 = b0, b2 = b0, b3 = b0;
        for (let t = taps; t < tapsEnd; t += 8) {
          let p = <usize>load<u32>(t) + offset;
          let r = <usize>load<u32>(t, 4) + offset;
          const wa = v128.load(q);
          const wb = v128.load(q, 16);
          let u = v128.load(p);
          let v = v128.load(r);
          a0 = dot(pairLow(u, v), wa, a0);
          b0 = dot(pairHigh(u, v), wb, b0);
          p += step;
          r += step;
          u = v128.load(p);
          v = v128.load(r);
          a1 = dot(pairLow(u, v), wa, a1);
          b1 = dot(pairHigh(u, v), wb, b1);
          p += step;
          r += step;
          u = v128.load(p);
          v = v128.load(r);
          a2 = dot(pairLow(u, v), wa, a2);
          b2 = dot(pairHigh(u, v), wb, b2);
          u = v128.load(p + step);
          v = v128.load(r + step);
          a3 = dot(pairLow(u, v), wa, a3);
          b3 = dot(pairHigh(u, v), wb, b3);
          q += 32;
        }
        let t = acc + (c << 2);
        v128.store(t, a0);
        v128.store(t, b0, 16);
        t += stride;
        v128.store(t, a1);
        v128.store(t, b1, 16);
        t += stride;
        v128.store(t, a2);
        v128.store(t, b2, 16);
        t += stride;
        v128.store(t, a3);
        v128.store(t, b3, 16);
      } else {
        const next = q + (<usize>pairs << 5);
        for (let pixel: usize = 0; pixel < 4; pixel++) {
          for (let lane: usize = 0; lane < 8; lane++) {
            let sum = load<i32>(b + (lane << 2));
            let k = q + (lane << 2);
            const at = offset + pixel * step + (lane << 1);
            for (let t = taps; t < tapsEnd; t += 8) {
              sum += <i32>load<i16>(<usize>load<u32>(t) + at) * load<i16>(k);
              sum += <i32>load<i16>(<usize>load<u32>(t, 4) + at) * load<i16>(k, 2);
              k += 32;
            }
            store<i32>(acc + pixel * stride + ((c + lane) << 2), sum);
          }
        }
        q = next;
      }
    }
    column += step << 2;
    acc += stride << 2;
  }
}

/**
 * All three kernels. Scratch: the table of taps, one row of sums, the ring and one row of zeros; its size is
 * dwconvScratchBytes in bindings/ops/depthwise-conv-2d.ts.
 */
// @ts-ignore: decorator
@inline
function dwconv(
  form: i32, x: usize, w: usize, bias: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32,
  ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, xZero: i32, xFlip: i32,
  q: usize, scales: usize, zero: i32, lo: i32, hi: i32, flip: i32, mode: i32, flo: f32, fhi: f32, begin: i32, end: i32,
): void {
  const bits = form == FLOATS ? 2 : form == HALVES ? 1 : 0;
  const ci = c / m;
  const c8 = (c + 7) & ~7;
  const fours = (ow + 3) >> 2;
  const pairs = (kh * kw + 1) >> 1;
  const pixel = <usize>c << 1;
  const columns = ((fours << 2) - 1) * sw + (kw - 1) * dw + 1;
  const rowBytes = <usize>columns * pixel;
  const high = (kh - 1) * dh + 1;
  const acc = scratch + ((<usize>pairs << 3) + 15 & ~15);
  // The last vector of sums may be read whole.
  const zeros = acc + (<usize>fours * c8 << 4) + 64;
  const ring = zeros + rowBytes;
  const inside = max(min(iw, columns - left), 0) * ci;
  const outBytes = <usize>ow * c << bits;
  let scale: f32 = 1;
  let inverse: f32 = 1;
  memory.fill(zeros, 0, rowBytes * <usize>(high + 1) + 16);
  let batch = -1;
  let next = 0;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const iy = (unit - n * oh) * sh - top;
    const xn = x + (<usize>n * ih * iw * ci << bits);
    if (n != batch) {
      batch = n;
      next = 0;
      if (form == FLOATS) {
        const least = lowerEnd(xn, ih * iw * ci);
        const most = upperEnd(xn, ih * iw * ci);
        scale = asymmetricScale(least, most);
        inverse = <f32>1 / scale;
        xZero = asymmetricZeroPoint(least, most);
      }
    }
    for (let r = max(next, iy); r < min(iy + high, ih); r++) {
      const from = xn + (<usize>r * iw * ci << bits);
      const to = ring + <usize>((r + top) % high) * rowBytes + <usize>left * pixel;
      if (form == FLOATS) widenFloats(from, to, inside, m, inverse, xZero);
      else if (form == HALVES) widenHalves(from, to, inside, m);
      else widenBytes(from, to, inside, m, xZero, xFlip);
    }
    next = max(next, iy + high);
    let t = scratch;
    for (let ky = 0; ky < kh; ky++) {
      const r = iy + ky * dh;
      let p = r >= 0 && r < ih ? ring + <usize>((r + top) % high) * rowBytes : zeros;
      for (let kx = 0; kx < kw; kx++) {
        store<u32>(t, <u32>p);
        p += <usize>dw * pixel;
        t += 4;
      }
    }
    if ((kh * kw) & 1) store<u32>(t, <u32>zeros);
    accumulateRow(scratch, pairs, w, bias, acc, fours, c8, <usize>sw * pixel);
    const to = y + <usize>unit * outBytes;
    if (form == FLOATS) finishRowFloats(acc, scale, scales, q, to, ow, c, c8, flo, fhi);
    else if (form == HALVES) finishRowHalves(acc, q, to, ow, c, c8, lo, hi);
    else finishRowBytes(acc, q, to, ow, c, c8, zero, lo, hi, flip, mode);
  }
}

/**
 * int8 and uint8. Units: output rows, batch * oh. x [n, ih, iw, c / m], y [n, oh, ow, c]; w and bias packed as above.
 * q, mode: a block of lib/requantize. uint8 tensors come as int8: zero points and limits less 128, xFlip / flip = 128.
 */
export function qs8_dwconv(
  x: usize, w: usize, bias: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, xZero: i32, xFlip: i32,
  q: usize, mode: i32, zero: i32, lo: i32, hi: i32, flip: i32, begin: i32, end: i32,
): void {
  dwconv(
    BYTES, x, w, bias, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, xZero, xFlip,
    q, 0, zero, lo, hi, flip, mode, 0, 0, begin, end,
  );
}

/** Float activations, int8 weights with `scales` [c]; `zeros` are c8 int32 zeros. Reads scales and bias 12 bytes past. */
export function qd8_f32_dwconv(
  x: usize, w: usize, zeros: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  bias: usize, scales: usize, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  dwconv(
    FLOATS, x, w, zeros, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, 0, 0,
    bias, scales, 0, 0, 0, 0, 0, lo, hi, begin, end,
  );
}

/** int16 activations, int8 weights, at most 511 taps; `zeros` are c8 int32 zeros, q as for finishRowHalves. */
export function qs16_dwconv(
  x: usize, w: usize, zeros: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, m: i32, oh: i32, ow: i32,
  kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  q: usize, lo: i32, hi: i32, begin: i32, end: i32,
): void {
  dwconv(
    HALVES, x, w, zeros, y, scratch, ih, iw, c, m, oh, ow, kh, kw, sh, sw, dh, dw, top, left, 0, 0,
    q, 0, 0, lo, hi, 0, 0, 0, 0, begin, end,
  );
}
