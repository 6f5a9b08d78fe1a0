// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR over NHWC. Units: output rows, batch * oh.
// An output position maps to (o + 0.5) * scale - 0.5 with half-pixel centres, else o * scale; scale is in / out, or with
// aligned corners (in - 1) / (out - 1). Bilinear arithmetic follows TFLite's kernels type by type: float32 and uint8 weigh
// the four neighbours in float32 (uint8 adds 0.5 and truncates), int8 and int16 in integers with ten fraction bits.

import { copyRun } from '../lib/copy';
import { storeLanes32 } from '../lib/simd';

// @ts-ignore: decorator
@inline
function ratio(size: i32, out: i32, align: i32): f32 {
  return align && out > 1 ? <f32>(size - 1) / <f32>(out - 1) : <f32>size / <f32>out;
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
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(v));
}

// @ts-ignore: decorator
@inline
function highFloats(v: v128): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(v));
}

/** float32 and uint8. Reads up to 12 bytes past x. */
// @ts-ignore: decorator
@inline
function bilinear<T>(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  const size = sizeof<T>();
  const pixel = <usize>c * size;
  const row = <usize>iw * pixel;
  const scaleY = ratio(ih, oh, align);
  const scaleX = ratio(iw, ow, align);
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++) {
    const n = unit / oh;
    const oy = <f32>(unit - n * oh);
    const sy = half ? (oy + 0.5) * scaleY - 0.5 : oy * scaleY;
    const y0 = min(max(<i32>floor<f32>(sy), 0), ih - 1);
    const y1 = min(<i32>ceil<f32>(sy), ih - 1);
    const fy = sy - <f32>y0;
    const xn = x + <usize>(n * ih) * row;
    const upper = xn + <usize>y0 * row;
    const lower = xn + <usize>y1 * row;
    for (let ox = 0; ox < ow; ox++) {
      const sx = half ? (<f32>ox + 0.5) * scaleX - 0.5 : <f32>ox * scaleX;
      const x0 = min(max(<i32>floor<f32>(sx), 0), iw - 1);
      const x1 = min(<i32>ceil<f32>(sx), iw - 1);
      const fx = sx - <f32>x0;
      const wa = (<f32>1 - fy) * (<f32>1 - fx);
      const wb = (<f32>1 - fy) * fx;
      const wc = fy * (<f32>1 - fx);
      const wd = fy * fx;
      const pa = upper + <usize>x0 * pixel;
      const pb = upper + <usize>x1 * pixel;
      const pc = lower + <usize>x0 * pixel;
      const pd = lower + <usize>x1 * pixel;
      let i: usize = 0;
      if (ASC_FEATURE_SIMD) {
        const va = f32x4.splat(wa);
        const vb = f32x4.splat(wb);
        const vc = f32x4.splat(wc);
        const vd = f32x4.splat(wd);
        if (isFloat<T>()) {
          for (; i < pixel; i += 16) {
            const r = blendx4(
              v128.load(pa + i), v128.load(pb + i), v128.load(pc + i), v128.load(pd + i), va, vb, vc, vd,
            );
            if (pixel - i < 16) {
              storeLanes32(y + i, r, <i32>(pixel - i) >> 2);
              i = pixel;
              break;
            }
            v128.store(y + i, r);
          }
        } else {
          const rounding = f32x4.splat(0.5);
          for (; i + 8 <= pixel; i += 8) {
            const a = v128.load_ext<u8>(pa + i);
            const b = v128.load_ext<u8>(pb + i);
            const c = v128.load_ext<u8>(pc + i);
            const d = v128.load_ext<u8>(pd + i);
            const low = blendx4(lowFloats(a), lowFloats(b), lowFloats(c), lowFloats(d), va, vb, vc, vd);
            const high = blendx4(highFloats(a), highFloats(b), highFloats(c), highFloats(d), va, vb, vc, vd);
            const r = i16x8.narrow_i32x4_s(
              i32x4.trunc_sat_f32x4_s(f32x4.add(low, rounding)),
              i32x4.trunc_sat_f32x4_s(f32x4.add(high, rounding)),
            );
            v128.store64_lane(y + i, i8x16.narrow_i16x8_u(r, r), 0);
          }
        }
      }
      for (; i < pixel; i += size) {
        const a = <f32>load<T>(pa + i);
        const b = <f32>load<T>(pb + i);
        const c = <f32>load<T>(pc + i);
        const d = <f32>load<T>(pd + i);
        const r = a * wa + b * wb + c * wc + d * wd;
        store<T>(y + i, isFloat<T>() ? <T>r : <T><i32>(r + 0.5));
      }
      y += pixel;
    }
  }
}

export function f32_resize_bilinear(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  bilinear<f32>(x, y, ih, iw, c, oh, ow, align, half, begin, end);
}

export function u8_resize_bilinear(
  x: usize, y: usize, ih: i32, iw: i32, c: i32, oh: i32, ow: i32, align: i32, half: i32, begin: i32, end: i32,
): void {
  bilinear<u8>(x, y, ih, iw, c, oh, ow, align, half, begin, end);
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

/** int8 and int16. */
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
        for (; i + 8 <= pixel; i += 8) {
          const a = v128.load_ext<i8>(pa + i);
          const b = v128.load_ext<i8>(pb + i);
          const c = v128.load_ext<i8>(pc + i);
          const d = v128.load_ext<i8>(pd + i);
          const r = i16x8.narrow_i32x4_s(
            blend20x4(
              i32x4.extend_low_i16x8_s(a), i32x4.extend_low_i16x8_s(b),
              i32x4.extend_low_i16x8_s(c), i32x4.extend_low_i16x8_s(d), va, vb, vc, vd,
            ),
            blend20x4(
              i32x4.extend_high_i16x8_s(a), i32x4.extend_high_i16x8_s(b),
              i32x4.extend_high_i16x8_s(c), i32x4.extend_high_i16x8_s(d), va, vb, vc, vd,
            ),
          );
          v128.store64_lane(y + i, i8x16.narrow_i16x8_s(r, r), 0);
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
