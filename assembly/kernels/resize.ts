// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR over NHWC. Units: output rows, batch * oh.
// An output position maps to (o + 0.5) * scale - 0.5 with half-pixel centres, else o * scale; scale is in / out, or with
// aligned corners (in - 1) / (out - 1). Bilinear arithmetic follows TFLite's kernels type by type: float32 and uint8 weigh
// the four neighbours in float32 (uint8 adds 0.5 and truncates), int8 and int16 in integers with ten fraction bits.
// Where all fractions have few bits (doubling, quadrupling ...), all of this is exact, so that bytes may be blended in 16-bit
// integers, and first between rows, then between columns: half the work. So are floats, whose last bits are not prescribed.

import { copyRun } from '../lib/copy';
import { madd, storeBytes, storeLanes32 } from '../lib/simd';

// @ts-ignore: decorator
@inline
function ratio(size: i32, out: i32, align: i32): f32 {
  return align && out > 1 ? <f32>(size - 1) / <f32>(out - 1) : <f32>size / <f32>out;
}

/** Where output `o` lies among the input's pixels. */
// @ts-ignore: decorator
@inline
function position(o: i32, scale: f32, half: i32): f32 {
  return half ? (<f32>o + 0.5) * scale - 0.5 : <f32>o * scale;
}

/** First row of the two that a position lies between; beyond the first it is the first. */
// @ts-ignore: decorator
@inline
function before(at: f32, size: i32): i32 {
  return min(max(<i32>floor<f32>(at), 0), size - 1);
}

// @ts-ignore: decorator
@inline
function behind(at: f32, size: i32): i32 {
  return min(<i32>ceil<f32>(at), size - 1);
}

/** Bytes of an element between the two steps of `separable`: floats, or 16 bits. */
// @ts-ignore: decorator
@inline
function blendedSize<T>(): usize {
  return isFloat<T>() ? 4 : 2;
}

/** First step: row[i] = upper[i] * w0 + lower[i] * w1 for n elements. */
// @ts-ignore: decorator
@inline
function blendRows<T>(upper: usize, lower: usize, row: usize, n: i32, w0: f32, w1: f32): void {
  if (isFloat<T>()) {
    let i: usize = 0;
    const bytes = <usize>n << 2;
    if (ASC_FEATURE_SIMD) {
      const v0 = f32x4.splat(w0);
      const v1 = f32x4.splat(w1);
      for (; i < bytes; i += 16) {
        v128.store(row + i, madd(v128.load(lower + i), v1, f32x4.mul(v128.load(upper + i), v0)));
      }
    } else {
      for (; i < bytes; i += 4) store<f32>(row + i, load<f32>(upper + i) * w0 + load<f32>(lower + i) * w1);
    }
    return;
  }
  if (ASC_FEATURE_SIMD) {
    const v0 = i16x8.splat(<i16>w0);
    const v1 = i16x8.splat(<i16>w1);
    for (let i = 0; i < n; i += 8) {
      const a = v128.load_ext<T>(upper + i);
      const b = v128.load_ext<T>(lower + i);
      v128.store(row + (<usize>i << 1), i16x8.add(i16x8.mul(a, v0), i16x8.mul(b, v1)));
    }
  } else {
    for (let i = 0; i < n; i++) {
      store<i16>(row + (<usize>i << 1), <i16>(<i32>load<T>(upper + i) * <i32>w0 + <i32>load<T>(lower + i) * <i32>w1));
    }
  }
}

/** Eight elements between p and q, rounded. */
// @ts-ignore: decorator
@inline
function blend16<T>(p: usize, q: usize, w0: v128, w1: v128, half: i32, bits: i32): v128 {
  const sum = i16x8.add(i16x8.mul(v128.load(p), w0), i16x8.mul(v128.load(q), w1));
  const h = i16x8.splat(<i16>half);
  // The rounding goes first, as sums take all 16 bits.
  return isSigned<T>()
    ? i16x8.shr_s(i16x8.add(sum, i16x8.add(h, i16x8.shr_s(sum, 15))), bits)
    : i16x8.shr_u(i16x8.add(sum, h), bits);
}

// @ts-ignore: decorator
@inline
function narrow<T>(a: v128, b: v128): v128 {
  return isSigned<T>() ? i8x16.narrow_i16x8_s(a, b) : i8x16.narrow_i16x8_u(a, b);
}

/** Sixteen elements from element i on. */
// @ts-ignore: decorator
@inline
function blendSixteen<T>(p: usize, q: usize, y: usize, i: i32, w0: v128, w1: v128, half: i32, bits: i32): void {
  const at = <usize>i << 1;
  const low = blend16<T>(p + at, q + at, w0, w1, half, bits);
  const high = blend16<T>(p + at + 16, q + at + 16, w0, w1, half, bits);
  v128.store(y + i, narrow<T>(low, high));
}

/** Second step: c elements of a pixel between p and q, with two `weights` (f32, or i32); integers have `bits` fraction bits, and halves round away from zero. */
// @ts-ignore: decorator
@inline
function blendPixels<T>(p: usize, q: usize, y: usize, c: i32, weights: usize, bits: i32): void {
  if (isFloat<T>()) {
    let i: usize = 0;
    const bytes = <usize>c << 2;
    if (ASC_FEATURE_SIMD) {
      const v0 = v128.load32_splat(weights);
      const v1 = v128.load32_splat(weights, 4);
      for (; i + 64 <= bytes; i += 64) {
        const r0 = madd(v128.load(q + i), v1, f32x4.mul(v128.load(p + i), v0));
        const r1 = madd(v128.load(q + i, 16), v1, f32x4.mul(v128.load(p + i, 16), v0));
        const r2 = madd(v128.load(q + i, 32), v1, f32x4.mul(v128.load(p + i, 32), v0));
        const r3 = madd(v128.load(q + i, 48), v1, f32x4.mul(v128.load(p + i, 48), v0));
        v128.store(y + i, r0);
        v128.store(y + i, r1, 16);
        v128.store(y + i, r2, 32);
        v128.store(y + i, r3, 48);
      }
      for (; i < bytes; i += 16) {
        const r = madd(v128.load(q + i), v1, f32x4.mul(v128.load(p + i), v0));
        if (bytes - i < 16) storeLanes32(y + i, r, <i32>(bytes - i) >> 2);
        else v128.store(y + i, r);
      }
    } else {
      for (; i < bytes; i += 4) store<f32>(y + i, load<f32>(p + i) * load<f32>(weights) + load<f32>(q + i) * load<f32>(weights, 4));
    }
    return;
  }
  const half = 1 << (bits - 1);
  if (ASC_FEATURE_SIMD) {
    const v0 = v128.load16_splat(weights);
    const v1 = v128.load16_splat(weights, 4);
    if (c < 8) {
      const r = blend16<T>(p, q, v0, v1, half, bits);
      storeBytes(y, narrow<T>(r, r), c);
      return;
    }
    // The last channels overlap those before them.
    let i = 0;
    for (; i + 16 <= c; i += 16) blendSixteen<T>(p, q, y, i, v0, v1, half, bits);
    if (i == c) return;
    if (c > 16) {
      blendSixteen<T>(p, q, y, c - 16, v0, v1, half, bits);
      return;
    }
    const low = blend16<T>(p, q, v0, v1, half, bits);
    v128.store64_lane(y, narrow<T>(low, low), 0);
    const at = <usize>(c - 8) << 1;
    const high = blend16<T>(p + at, q + at, v0, v1, half, bits);
    v128.store64_lane(y + c - 8, narrow<T>(high, high), 0);
  } else {
    for (let i = 0; i < c; i++) {
      const at = <usize>i << 1;
      const x = <i32>load<i16>(p + at) * load<i32>(weights) + <i32>load<i16>(q + at) * load<i32>(weights, 4);
      const sum = isSigned<T>() ? <i32><i16>x : x & 0xffff;
      store<T>(y + i, <T>((sum + (sum >> 31) + half) >> bits));
    }
  }
}

/** Eight of sums with `bits` fraction bits, rounded; those of uint8 have had their half added. */
// @ts-ignore: decorator
@inline
function rounded8<T>(sum: v128, half: v128, bits: i32): v128 {
  return isSigned<T>()
    ? i16x8.shr_s(i16x8.add(sum, i16x8.add(half, i16x8.shr_s(sum, 15))), bits)
    : i16x8.shr_u(sum, bits);
}

/**
 * The second step for `count` pixels of at least 16 channels between the same p and q: as weights change by the same from each
 * to the next, so do sums.
 */
// @ts-ignore: decorator
@inline
function blendRun<T>(p: usize, q: usize, y: usize, c: i32, weights: usize, bits: i32, count: i32): void {
  const h = 1 << (bits - 1);
  const half = i16x8.splat(<i16>h);
  const v0 = v128.load16_splat(weights);
  const v1 = v128.load16_splat(weights, 4);
  const step = i16x8.sub(v128.load16_splat(weights, 20), v1);
  for (let i = 0; i < c; i += 16) {
    // The last channels overlap those before them.
    const first = min(i, c - 16);
    const at = <usize>first << 1;
    const p0 = v128.load(p + at);
    const p1 = v128.load(p + at, 16);
    const q0 = v128.load(q + at);
    const q1 = v128.load(q + at, 16);
    const d0 = i16x8.mul(i16x8.sub(q0, p0), step);
    const d1 = i16x8.mul(i16x8.sub(q1, p1), step);
    let s0 = i16x8.add(i16x8.mul(p0, v0), i16x8.mul(q0, v1));
    let s1 = i16x8.add(i16x8.mul(p1, v0), i16x8.mul(q1, v1));
    if (!isSigned<T>()) {
      s0 = i16x8.add(s0, half);
      s1 = i16x8.add(s1, half);
    }
    let to = y + first;
    for (let k = 0; k < count; k++) {
      v128.store(to, narrow<T>(rounded8<T>(s0, half, bits), rounded8<T>(s1, half, bits)));
      s0 = i16x8.add(s0, d0);
      s1 = i16x8.add(s1, d1);
      to += c;
    }
  }
}

/**
 * float32, and bytes with yBits and xBits fraction bits, at least 1 each and at most 8 together. Scratch: a table of columns { offsets of the two
 * pixels, their weights }, ow * 16 bytes, and a blended row, (iw * c + 16) elements. Reads up to 12 bytes past x.
 */
// @ts-ignore: decorator
@inline
function separable<T>(
  x: usize, y: usize, scratch: usize, yBits: i32, xBits: i32, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32,
  half: i32, begin: i32, end: i32,
): void {
  const pixel = <usize>c * sizeof<T>();
  const row = <usize>iw * pixel;
  const column = <usize>c * blendedSize<T>();
  const scaleY = ratio(ih, oh, align);
  const scaleX = ratio(iw, ow, align);
  const oneY: f32 = isFloat<T>() ? 1 : <f32>(1 << yBits);
  const oneX: f32 = isFloat<T>() ? 1 : <f32>(1 << xBits);
  const table = scratch;
  const blended = scratch + (<usize>ow << 4);
  for (let ox = 0; ox < ow; ox++) {
    const at = position(ox, scaleX, half);
    const x0 = before(at, iw);
    const f = (at - <f32>x0) * oneX;
    const t = table + (<usize>ox << 4);
    store<u32>(t, <u32>x0 * <u32>column);
    store<u32>(t, <u32>behind(at, iw) * <u32>column, 4);
    if (isFloat<T>()) {
      store<f32>(t, oneX - f, 8);
      store<f32>(t, f, 12);
    } else {
      store<i32>(t, <i32>(oneX - f), 8);
      store<i32>(t, <i32>f, 12);
    }
  }
  // Shorter ones are not worth looking for.
  const runs = c >= 16 && ow >= 8 * iw;
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const at = position(unit - n * oh, scaleY, half);
    const y0 = before(at, ih);
    const f = (at - <f32>y0) * oneY;
    const image = x + <usize>(n * ih) * row;
    blendRows<T>(image + <usize>y0 * row, image + <usize>behind(at, ih) * row, blended, iw * c, oneY - f, f);
    for (let t = table; t < blended; ) {
      const p = blended + load<u32>(t);
      const q = blended + load<u32>(t, 4);
      if (ASC_FEATURE_SIMD && !isFloat<T>()) {
        let stop = t + 16;
        if (runs) while (stop < blended && load<u64>(stop) == load<u64>(t)) stop += 16;
        const count = <i32>((stop - t) >> 4);
        if (count > 2) {
          blendRun<T>(p, q, y, c, t + 8, yBits + xBits, count);
          t = stop;
          y += <usize>count * pixel;
          continue;
        }
      }
      blendPixels<T>(p, q, y, c, t + 8, yBits + xBits);
      t += 16;
      y += pixel;
    }
  }
}

export function f32_resize_bilinear(
  x: usize, y: usize, scratch: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32,
  begin: i32, end: i32,
): void {
  separable<f32>(x, y, scratch, 0, 0, ih, iw, c, oh, ow, align, half, begin, end);
}

export function u8_resize_bilinear_separable(
  x: usize, y: usize, scratch: usize, yBits: i32, xBits: i32, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32,
  half: i32, begin: i32, end: i32,
): void {
  separable<u8>(x, y, scratch, yBits, xBits, ih, iw, c, oh, ow, align, half, begin, end);
}

export function s8_resize_bilinear_separable(
  x: usize, y: usize, scratch: usize, yBits: i32, xBits: i32, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32,
  half: i32, begin: i32, end: i32,
): void {
  separable<i8>(x, y, scratch, yBits, xBits, ih, iw, c, oh, ow, align, half, begin, end);
}

/** Four channels of the weighted sum of four pixels, in TFLite's order and without fusing, in every build. */
// @ts-ignore: decorator
@inline
function blendx4(a: v128, b: v128, c: v128, d: v128, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  const ab = f32x4.add(f32x4.mul(a, wa), f32x4.mul(b, wb));
  return f32x4.add(f32x4.add(ab, f32x4.mul(c, wc)), f32x4.mul(d, wd));
}

// @ts-ignore: decorator
@inline
function lowFloats(v: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(v));
}

// @ts-ignore: decorator
@inline
function highFloats(v: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(v));
}

/** Eight channels of uint8. */
// @ts-ignore: decorator
@inline
function blendBytes(pa: usize, pb: usize, pc: usize, pd: usize, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  const a = v128.load_ext<u8>(pa);
  const b = v128.load_ext<u8>(pb);
  const c = v128.load_ext<u8>(pc);
  const d = v128.load_ext<u8>(pd);
  const half = f32x4.splat(0.5);
  const low = f32x4.add(blendx4(lowFloats(a), lowFloats(b), lowFloats(c), lowFloats(d), wa, wb, wc, wd), half);
  const high = f32x4.add(blendx4(highFloats(a), highFloats(b), highFloats(c), highFloats(d), wa, wb, wc, wd), half);
  const r = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(low), i32x4.trunc_sat_f32x4_s(high));
  return i8x16.narrow_i16x8_u(r, r);
}

/** uint8 with any fractions. Reads up to 7 bytes past x. */
export function u8_resize_bilinear(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  const pixel = <usize>c;
  const row = <usize>iw * pixel;
  const scaleY = ratio(ih, oh, align);
  const scaleX = ratio(iw, ow, align);
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const sy = position(unit - n * oh, scaleY, half);
    const y0 = before(sy, ih);
    const fy = sy - <f32>y0;
    const xn = x + <usize>(n * ih) * row;
    const upper = xn + <usize>y0 * row;
    const lower = xn + <usize>behind(sy, ih) * row;
    for (let ox = 0; ox < ow; ox++) {
      const sx = position(ox, scaleX, half);
      const x0 = before(sx, iw);
      const x1 = behind(sx, iw);
      const fx = sx - <f32>x0;
      const wa = (<f32>1 - fy) * (<f32>1 - fx);
      const wb = (<f32>1 - fy) * fx;
      const wc = fy * (<f32>1 - fx);
      const wd = fy * fx;
      const pa = upper + <usize>x0 * pixel;
      const pb = upper + <usize>x1 * pixel;
      const pc = lower + <usize>x0 * pixel;
      const pd = lower + <usize>x1 * pixel;
      if (ASC_FEATURE_SIMD) {
        const va = f32x4.splat(wa);
        const vb = f32x4.splat(wb);
        const vc = f32x4.splat(wc);
        const vd = f32x4.splat(wd);
        if (c < 8) {
          storeBytes(y, blendBytes(pa, pb, pc, pd, va, vb, vc, vd), c);
        } else {
          // The last channels overlap those before them.
          for (let i = 0; i < c; i += 8) {
            i = min(i, c - 8);
            v128.store64_lane(y + i, blendBytes(pa + i, pb + i, pc + i, pd + i, va, vb, vc, vd), 0);
          }
        }
      } else {
        for (let i: usize = 0; i < pixel; i++) {
          const a = <f32>load<u8>(pa + i);
          const b = <f32>load<u8>(pb + i);
          const c1 = <f32>load<u8>(pc + i);
          const d = <f32>load<u8>(pd + i);
          store<u8>(y + i, <u8><i32>(a * wa + b * wb + c1 * wc + d * wd + 0.5));
        }
      }
      y += pixel;
    }
  }
}

/** Like ratio, in 1/1024. */
// @ts-ignore: decorator
@inline
function ratio10(size: i32, out: i32, align: i32): i32 {
  return align && out > 1
    ? (((size - 1) << 10) + ((out - 1) >> 1)) / (out - 1)
    : ((size << 10) + (out >> 1)) / out;
}

/** Four channels: sum of products with 20 fraction bits, rounded half away from zero. */
// @ts-ignore: decorator
@inline
function blend20x4(a: v128, b: v128, c: v128, d: v128, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  const ab = i32x4.add(i32x4.mul(a, wa), i32x4.mul(b, wb));
  const sum = i32x4.add(ab, i32x4.add(i32x4.mul(c, wc), i32x4.mul(d, wd)));
  const sign = i32x4.shr_s(sum, 31);
  const magnitude = i32x4.shr_s(i32x4.add(i32x4.abs(sum), i32x4.splat(1 << 19)), 20);
  return i32x4.sub(v128.xor(magnitude, sign), sign);
}

/** Eight channels of int8. */
// @ts-ignore: decorator
@inline
function blend20x8(pa: usize, pb: usize, pc: usize, pd: usize, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  const a = v128.load_ext<i8>(pa);
  const b = v128.load_ext<i8>(pb);
  const c = v128.load_ext<i8>(pc);
  const d = v128.load_ext<i8>(pd);
  const r = i16x8.narrow_i32x4_s(
    blend20x4(
      i32x4.extend_low_i16x8_s(a), i32x4.extend_low_i16x8_s(b),
      i32x4.extend_low_i16x8_s(c), i32x4.extend_low_i16x8_s(d), wa, wb, wc, wd,
    ),
    blend20x4(
      i32x4.extend_high_i16x8_s(a), i32x4.extend_high_i16x8_s(b),
      i32x4.extend_high_i16x8_s(c), i32x4.extend_high_i16x8_s(d), wa, wb, wc, wd,
    ),
  );
  return i8x16.narrow_i16x8_s(r, r);
}

/** int8 and int16 with any fractions. Reads int8 up to 7 bytes past x. */
// @ts-ignore: decorator
@inline
function bilinear10<T>(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  const size = sizeof<T>();
  const pixel = <usize>c * size;
  const row = <usize>iw * pixel;
  const scaleY = ratio10(ih, oh, align);
  const scaleX = ratio10(iw, ow, align);
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const oy = unit - n * oh;
    const sy = oy * scaleY + (half ? scaleY / 2 - 512 : 0);
    const y0 = min(max(sy / 1024, 0), ih - 1);
    const y1 = min((sy + 1023) / 1024, ih - 1);
    const fy = sy - (y0 << 10);
    const xn = x + <usize>(n * ih) * row;
    const upper = xn + <usize>y0 * row;
    const lower = xn + <usize>y1 * row;
    for (let ox = 0; ox < ow; ox++) {
      const sx = ox * scaleX + (half ? scaleX / 2 - 512 : 0);
      const x0 = min(max(sx / 1024, 0), iw - 1);
      const x1 = min((sx + 1023) / 1024, iw - 1);
      const fx = sx - (x0 << 10);
      const wa = (1024 - fy) * (1024 - fx);
      const wb = (1024 - fy) * fx;
      const wc = fy * (1024 - fx);
      const wd = fy * fx;
      const pa = upper + <usize>x0 * pixel;
      const pb = upper + <usize>x1 * pixel;
      const pc = lower + <usize>x0 * pixel;
      const pd = lower + <usize>x1 * pixel;
      let i: usize = 0;
      if (ASC_FEATURE_SIMD && size == 1) {
        const va = i32x4.splat(wa);
        const vb = i32x4.splat(wb);
        const vc = i32x4.splat(wc);
        const vd = i32x4.splat(wd);
        if (pixel < 8) {
          storeBytes(y, blend20x8(pa, pb, pc, pd, va, vb, vc, vd), <i32>pixel);
          i = pixel;
        }
        for (; i < pixel; i += 8) {
          i = min(i, pixel - 8);
          v128.store64_lane(y + i, blend20x8(pa + i, pb + i, pc + i, pd + i, va, vb, vc, vd), 0);
        }
      }
      for (; i < pixel; i += size) {
        const sum = <i64>load<T>(pa + i) * wa + <i64>load<T>(pb + i) * wb + <i64>load<T>(pc + i) * wc
          + <i64>load<T>(pd + i) * wd;
        store<T>(y + i, <T>((sum > 0 ? sum + (1 << 19) : sum - (1 << 19)) / (1 << 20)));
      }
      y += pixel;
    }
  }
}

export function s8_resize_bilinear(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  bilinear10<i8>(x, y, ih, iw, c, oh, ow, align, half, begin, end);
}

export function s16_resize_bilinear(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  bilinear10<i16>(x, y, ih, iw, c, oh, ow, align, half, begin, end);
}

/** The input element that output `o` copies. */
// @ts-ignore: decorator
@inline
function nearestIndex(o: i32, scale: f32, size: i32, align: i32, half: i32): i32 {
  const at = (half ? <f32>o + 0.5 : <f32>o) * scale;
  const below = floor<f32>(at);
  return min(<i32>below + i32(align && at - below >= 0.5), size - 1);
}

/** Any type; `pixel` is the bytes of one pixel. */
export function x8_resize_nearest(
  x: usize, y: usize, ih: i32, iw: i32, pixel: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  const scaleY = ratio(ih, oh, align);
  const scaleX = ratio(iw, ow, align);
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const row = n * ih + nearestIndex(unit - n * oh, scaleY, ih, align, half);
    for (let ox = 0; ox < ow; ox++) {
      copyRun(x + <usize>(row * iw + nearestIndex(ox, scaleX, iw, align, half)) * pixel, y, pixel);
      y += pixel;
    }
  }
}
