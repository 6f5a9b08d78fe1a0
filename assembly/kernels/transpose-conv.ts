// Transposed convolution: y[oy, ox, o] = bias[o] + sum over taps and input channels of x[iy, ix, i] * w[o, ky, kx, i], where
// iy * sh + ky = oy + top and ix * sw + kx = ox + left. NHWC; weights OHWI, used in place, so that every tap is a dot product
// over neighbouring numbers. Each output gathers its own taps (every sh-th row of the window, every sw-th column): no
// intermediate image, and rows are independent. Units: output rows, batch * oh.

import { finishHalf, finishRowBytes, finishRowFloats } from '../lib/finish';
import { multiplyByQuantizedMultiplier } from '../lib/requantize';
import { clamp, clampx4, floatLaneSums, madd, sumx4 } from '../lib/simd';

/** First tap along an axis for output position `o` (leading padding included): `at - tap` is a multiple of the stride. */
// @ts-ignore: decorator
@inline
function firstTap(at: i32, stride: i32, size: i32): i32 {
  const least = max(at - (size - 1) * stride, 0);
  return least + (at - least) % stride;
}

/** How many taps there are from `first` on. */
// @ts-ignore: decorator
@inline
function tapCount(first: i32, at: i32, stride: i32, kernel: i32): i32 {
  const last = min(kernel - 1, at);
  return first > last ? 0 : (last - first) / stride + 1;
}

/**
 * How many taps a column has, from its first, `kx`, on. Along a row, output position o = column * stride + kx is counted up
 * rather than divided; the first `j` taps fall behind the image's last column.
 */
// @ts-ignore: decorator
@inline
function columnTaps(kx: i32, column: i32, stride: i32, kernel: i32): i32 {
  let taps = 0;
  for (let k = kx; k < kernel && taps <= column; k += stride) taps++;
  return taps;
}

/** Ones in the first n lanes. */
// @ts-ignore: decorator
@inline
function laneMask(n: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n));
}

/**
 * Four outputs `yStep` bytes apart that meet the same weights, from as many neighbouring pixels, `x` the first; each has all its
 * taps. Where output channels are few, this is what shares loads and the sums over lanes. Strides in bytes.
 */
// @ts-ignore: decorator
@inline
function fourOutputs(
  x: usize, w: usize, bias: usize, y: usize, rows: i32, taps: i32, line: usize, wLine: usize, wStep: usize, pixel: usize,
  filter: usize, oc: i32, yStep: usize, mask: v128, lo: f32, hi: f32,
): void {
  const whole = pixel & ~15;
  for (let o = 0; o < oc; o++) {
    let a = f32x4.splat(0);
    let b = a, c = a, d = a;
    for (let r = 0; r < rows; r++) {
      let pa = x - <usize>r * line;
      let q = w + <usize>r * wLine;
      for (let k = 0; k < taps; k++) {
        const pb = pa + pixel;
        const pc = pb + pixel;
        const pd = pc + pixel;
        let i: usize = 0;
        for (; i < whole; i += 16) {
          const v = v128.load(q + i);
          a = madd(v, v128.load(pa + i), a);
          b = madd(v, v128.load(pb + i), b);
          c = madd(v, v128.load(pc + i), c);
          d = madd(v, v128.load(pd + i), d);
        }
        if (i < pixel) {
          const v = v128.and(v128.load(q + i), mask);
          a = madd(v, v128.and(v128.load(pa + i), mask), a);
          b = madd(v, v128.and(v128.load(pb + i), mask), b);
          c = madd(v, v128.and(v128.load(pc + i), mask), c);
          d = madd(v, v128.and(v128.load(pd + i), mask), d);
        }
        pa -= pixel;
        q += wStep;
      }
    }
    const sums = f32x4.add(floatLaneSums(a, b, c, d), f32x4.splat(load<f32>(bias + (<usize>o << 2))));
    const out = clampx4(sums, f32x4.splat(lo), f32x4.splat(hi));
    let t = y + (<usize>o << 2);
    v128.store32_lane(t, out, 0);
    t += yStep;
    v128.store32_lane(t, out, 1);
    t += yStep;
    v128.store32_lane(t, out, 2);
    v128.store32_lane(t + yStep, out, 3);
    w += filter;
  }
}

/** x [n, ih, iw, ic], w [oc, kh, kw, ic], bias [oc], y [n, oh, ow, oc]. Reads up to 12 bytes past x, w and bias. */
export function f32_transpose_conv(
  x: usize, w: usize, bias: usize, y: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, top: i32, left: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  const pixel = <usize>ic << 2;
  const filter = <usize>(kh * kw) * pixel;
  const whole = pixel & ~15;
  const mask = ASC_FEATURE_SIMD ? laneMask(ic & 3) : 0;
  y += <usize>(begin * ow * oc) << 2;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const ay = unit - n * oh + top;
    const ky = firstTap(ay, sh, ih);
    const rows = tapCount(ky, ay, sh, kh);
    const xr = x + <usize>((n * ih + (ay - ky) / sh) * iw) * pixel;
    // Every sw-th output meets the same weights.
    for (let first = 0; first < min(sw, ow); first++) {
      const kx = (left + first) % sw;
      const taps = (kw - kx + sw - 1) / sw;
      let column = (left + first) / sw;
      let ox = first;
      while (ox < ow) {
        let t = y + (<usize>(ox * oc) << 2);
        if (ASC_FEATURE_SIMD) {
          if (oc < 4 && column >= taps - 1 && column + 3 < iw && ox + 3 * sw < ow) {
            fourOutputs(xr + <usize>column * pixel, w + <usize>(ky * kw + kx) * pixel, bias, t, rows, taps, <usize>iw * pixel, <usize>(sh * kw) * pixel, <usize>sw * pixel, pixel, filter, oc, <usize>(sw * oc) << 2, mask, lo, hi);
            ox += 4 * sw;
            column += 4;
            continue;
          }
        }
        // The first `j` taps fall behind the image's last column.
        const j = max(column - (iw - 1), 0);
        const cols = min(taps, column + 1) - j;
        const xp = xr + <usize>(column - j) * pixel;
        let wp = w + <usize>(ky * kw + kx + j * sw) * pixel;
        let o = 0;
        if (ASC_FEATURE_SIMD) {
          for (; o + 4 <= oc; o += 4) {
            let a = f32x4.splat(0);
            let b = a, c = a, d = a;
            for (let r = 0; r < rows; r++) {
              for (let k = 0; k < cols; k++) {
                // Taps go up where input pixels go down.
                const p = xp - <usize>(r * iw + k) * pixel;
                const qa = wp + <usize>(r * sh * kw + k * sw) * pixel;
                const qb = qa + filter;
                const qc = qb + filter;
                const qd = qc + filter;
                let i: usize = 0;
                for (; i < whole; i += 16) {
                  const v = v128.load(p + i);
                  a = madd(v, v128.load(qa + i), a);
                  b = madd(v, v128.load(qb + i), b);
                  c = madd(v, v128.load(qc + i), c);
                  d = madd(v, v128.load(qd + i), d);
                }
                if (i < pixel) {
                  const v = v128.and(v128.load(p + i), mask);
                  a = madd(v, v128.and(v128.load(qa + i), mask), a);
                  b = madd(v, v128.and(v128.load(qb + i), mask), b);
                  c = madd(v, v128.and(v128.load(qc + i), mask), c);
                  d = madd(v, v128.and(v128.load(qd + i), mask), d);
                }
              }
            }
            const r = f32x4.add(floatLaneSums(a, b, c, d), v128.load(bias + (<usize>o << 2)));
            v128.store(t, clampx4(r, f32x4.splat(lo), f32x4.splat(hi)));
            t += 16;
            wp += filter << 2;
          }
        }
        for (; o < oc; o++) {
          let sum: f32 = load<f32>(bias + (<usize>o << 2));
          if (ASC_FEATURE_SIMD) {
            let a = f32x4.splat(0);
            for (let r = 0; r < rows; r++) {
              for (let k = 0; k < cols; k++) {
                const p = xp - <usize>(r * iw + k) * pixel;
                const q = wp + <usize>(r * sh * kw + k * sw) * pixel;
                let i: usize = 0;
                for (; i < whole; i += 16) a = madd(v128.load(p + i), v128.load(q + i), a);
                if (i < pixel) a = madd(v128.and(v128.load(p + i), mask), v128.and(v128.load(q + i), mask), a);
              }
            }
            sum += sumx4(a);
          } else {
            for (let r = 0; r < rows; r++) {
              for (let k = 0; k < cols; k++) {
                const p = xp - <usize>(r * iw + k) * pixel;
                const q = wp + <usize>(r * sh * kw + k * sw) * pixel;
                for (let i: usize = 0; i < pixel; i += 4) sum += load<f32>(p + i) * load<f32>(q + i);
              }
            }
          }
          store<f32>(t, clamp(sum, lo, hi));
          t += 4;
          wp += filter;
        }
        ox += sw;
        column++;
      }
    }
    y += <usize>(ow * oc) << 2;
  }
}

/** Sum of (x - xZero) * (w - wZero) over n bytes; flips make int8 of uint8. Reads up to 7 bytes past both. */
function dotBytes(x: usize, w: usize, n: i32, flip: i32, xZero: i32, wZero: i32): i32 {
  let sum = 0;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const vf = i8x16.splat(<i8>flip);
    const vx = i16x8.splat(<i16>xZero);
    const vw = i16x8.splat(<i16>wZero);
    let acc = i32x4.splat(0);
    for (; i < n; i += 8) {
      let a = i16x8.sub(i16x8.extend_low_i8x16_s(v128.xor(v128.load64_zero(x + i), vf)), vx);
      const b = i16x8.sub(i16x8.extend_low_i8x16_s(v128.xor(v128.load64_zero(w + i), vf)), vw);
      if (n - i < 8) a = v128.and(a, i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>(n - i))));
      acc = i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
    }
    acc = i32x4.add(acc, v128.shuffle<i32>(acc, acc, 2, 3, 0, 1));
    return i32x4.extract_lane(acc, 0) + i32x4.extract_lane(acc, 1);
  }
  for (; i < n; i++) {
    const a = <i32><i8>(load<u8>(x + i) ^ <u8>flip) - xZero;
    const b = <i32><i8>(load<u8>(w + i) ^ <u8>flip) - wZero;
    sum += a * b;
  }
  return sum;
}

/** One output row of sums: acc [ow, oc4] int32, oc4 = oc rounded up to 4. `ay` is the row with leading padding; x is its image. */
function sumRow(
  x: usize, w: usize, bias: usize, acc: usize, ay: i32, ih: i32, iw: i32, ic: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, left: i32, flip: i32, xZero: i32, wZero: i32,
): void {
  const filter = <usize>(kh * kw * ic);
  const ky = firstTap(ay, sh, ih);
  const rows = tapCount(ky, ay, sh, kh);
  const xr = x + <usize>((ay - ky) / sh * iw * ic);
  const padding = <usize>(-oc & 3) << 2;
  let kx = left % sw;
  let column = left / sw;
  for (let ox = 0; ox < ow; ox++) {
    const j = max(column - (iw - 1), 0);
    const cols = columnTaps(kx, column, sw, kw) - j;
    const xp = xr + <usize>((column - j) * ic);
    let wp = w + <usize>((ky * kw + kx + j * sw) * ic);
    for (let o = 0; o < oc; o++) {
      let sum = load<i32>(bias + (<usize>o << 2));
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < cols; k++) {
          const p = xp - <usize>((r * iw + k) * ic);
          sum += dotBytes(p, wp + <usize>((r * sh * kw + k * sw) * ic), ic, flip, xZero, wZero);
        }
      }
      store<i32>(acc, sum);
      acc += 4;
      wp += filter;
    }
    acc += padding;
    if (++kx == sw) {
      kx = 0;
      column++;
    }
  }
}

/**
 * int8 and uint8. Scratch: one row of sums, ow * oc4 int32 and 64 bytes, oc4 = oc rounded up to 4. q, mode, zero, lo, hi, flip as
 * for finishRowBytes; both zero points come less 128 for uint8.
 */
export function qs8_transpose_conv(
  x: usize, w: usize, bias: usize, y: usize, acc: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32,
  kw: i32, sh: i32, sw: i32, top: i32, left: i32, xZero: i32, wZero: i32,
  q: usize, mode: i32, zero: i32, lo: i32, hi: i32, flip: i32, begin: i32, end: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const image = x + <usize>(n * ih * iw * ic);
    sumRow(image, w, bias, acc, unit - n * oh + top, ih, iw, ic, ow, oc, kh, kw, sh, sw, left, flip, xZero, wZero);
    finishRowBytes(acc, q, y + <usize>(unit * ow * oc), ow, oc, (oc + 3) & ~3, zero, lo, hi, flip, mode);
  }
}

/**
 * Float activations as f32_dynamic_quantize leaves them, a row of `dynamic` an image; int8 weights with `scales`
 * [oc]. `zeros` are oc int32 zeros; scratch as for qs8_transpose_conv. Reads scales and bias 12 bytes past their end.
 */
export function qd8_f32_transpose_conv(
  x: usize, w: usize, zeros: usize, y: usize, acc: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32,
  kw: i32, sh: i32, sw: i32, top: i32, left: i32, dynamic: usize, bias: usize, scales: usize, lo: f32, hi: f32,
  begin: i32, end: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const image = x + <usize>(n * ih * iw * ic);
    const scale = load<f32>(dynamic + (<usize>n << 3));
    const xZero = load<i32>(dynamic + (<usize>n << 3), 4);
    sumRow(image, w, zeros, acc, unit - n * oh + top, ih, iw, ic, ow, oc, kh, kw, sh, sw, left, 0, xZero, 0);
    const to = y + (<usize>(unit * ow * oc) << 2);
    finishRowFloats(acc, scale, scales, bias, to, ow, oc, (oc + 3) & ~3, lo, hi);
  }
}

/** An int16 output, its sum rounded twice. */
function finishNarrow(sum: i32, q: usize, c: i32, lo: i32, hi: i32): i16 {
  const p = q + (<usize>c << 4);
  const r = multiplyByQuantizedMultiplier(sum + load<i32>(p), load<i32>(p, 8), load<i32>(p, 12));
  return <i16>min(max(r, lo), hi);
}

/**
 * int16 activations, int8 weights: sums in 64 bits, q as for finishHalf; `narrow`: sums in 32 bits, which round twice, and in q the
 * whole multiplier with a left shift.
 */
export function qs16_transpose_conv(
  x: usize, w: usize, q: usize, y: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, top: i32, left: i32, narrow: i32, lo: i32, hi: i32, begin: i32, end: i32,
): void {
  const filter = <usize>(kh * kw * ic);
  y += <usize>(begin * ow * oc) << 1;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const ay = unit - n * oh + top;
    const ky = firstTap(ay, sh, ih);
    const rows = tapCount(ky, ay, sh, kh);
    let kx = left % sw;
    let column = left / sw;
    for (let ox = 0; ox < ow; ox++) {
      const j = max(column - (iw - 1), 0);
      const cols = columnTaps(kx, column, sw, kw) - j;
      const xp = x + (<usize>(((n * ih + (ay - ky) / sh) * iw + column - j) * ic) << 1);
      let wp = w + <usize>((ky * kw + kx + j * sw) * ic);
      for (let o = 0; o < oc; o++) {
        let sum: i64 = 0;
        for (let r = 0; r < rows; r++) {
          for (let k = 0; k < cols; k++) {
            const p = xp - (<usize>((r * iw + k) * ic) << 1);
            const t = wp + <usize>((r * sh * kw + k * sw) * ic);
            for (let i = 0; i < ic; i++) {
              sum += <i64>(<i32>load<i16>(p + (<usize>i << 1)) * <i32>load<i8>(t + <usize>i));
            }
          }
        }
        store<i16>(y, narrow ? finishNarrow(<i32>sum, q, o, lo, hi) : finishHalf(sum, q, o, lo, hi));
        y += 2;
        wp += filter;
      }
      if (++kx == sw) {
        kx = 0;
        column++;
      }
    }
  }
}
