// Float convolutions over depth, height and width: NDHWC images, TFLite's CONV_3D and CONV_3D_TRANSPOSE.
import { FLOATS, gather } from '../lib/gather';
import { gemmF32 } from '../lib/gemm-f32';
import { clamp, floatLaneSums, madd, sumx4 } from '../lib/simd';

/**
 * As f32_conv2d: blocks of receptive fields become rows of a matrix, here slice by slice.
 * Units are output pixels [batch * od * oh * ow].
 * @param weights packed by f32_gemm_pack from [kd * kh * kw * c, oc]
 * @param rows scratch: block * kd * kh * kw * c floats + 32 bytes
 */
export function f32_conv3d(
  x: usize,
  weights: usize,
  y: usize,
  rows: usize,
  block: i32,
  d: i32,
  h: i32,
  w: i32,
  c: i32,
  od: i32,
  oh: i32,
  ow: i32,
  oc: i32,
  kd: i32,
  kh: i32,
  kw: i32,
  strideD: i32,
  strideH: i32,
  strideW: i32,
  dilationD: i32,
  dilationH: i32,
  dilationW: i32,
  front: i32,
  top: i32,
  left: i32,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const slice = <usize>(kh * kw * c) << 2;
  const rowBytes = slice * kd;
  const image = <usize>(h * w * c) << 2;
  for (let p = begin; p < end; p += block) {
    const count = min(block, end - p);
    // Row by row, upwards: gathering writes past the end of what it gathers.
    let t = rows;
    for (let i = p; i < p + count; i++) {
      const plane = i / (oh * ow);
      const n = plane / od;
      const iz = (plane - n * od) * strideD - front;
      for (let kz = 0; kz < kd; kz++, t += slice) {
        const z = iz + kz * dilationD;
        if (<u32>z >= <u32>d) {
          memory.fill(t, 0, slice);
          continue;
        }
        const from = x + <usize>(n * d + z) * image;
        gather(FLOATS, t, slice, from, 0, 0, i - plane * oh * ow, 1, h, w, c, c, oh, ow, kh, kw, strideH, strideW, dilationH, dilationW, top, left);
      }
    }
    gemmF32(count, oc, <i32>(rowBytes >> 2), rows, rowBytes, weights, y + (<usize>(p * oc) << 2), <usize>oc << 2, lo, hi);
  }
}

/** y[o] += sum over i of x[i] * w[o, i]. Reads up to 12 bytes past x and w. */
// @ts-ignore: decorator
@inline
function addProduct(y: usize, x: usize, w: usize, oc: i32, ic: i32): void {
  const pixel = <usize>ic << 2;
  const whole = pixel & ~15;
  let o = 0;
  if (ASC_FEATURE_SIMD) {
    const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(ic & 3));
    for (; o + 4 <= oc; o += 4, y += 16, w += pixel << 2) {
      let a = f32x4.splat(0);
      let b = a, c = a, d = a;
      let i: usize = 0;
      for (; i < whole; i += 16) {
        const v = v128.load(x + i);
        const q = w + i;
        a = madd(v, v128.load(q), a);
        b = madd(v, v128.load(q + pixel), b);
        c = madd(v, v128.load(q + 2 * pixel), c);
        d = madd(v, v128.load(q + 3 * pixel), d);
      }
      if (i < pixel) {
        const v = v128.and(v128.load(x + i), mask);
        const q = w + i;
        a = madd(v, v128.and(v128.load(q), mask), a);
        b = madd(v, v128.and(v128.load(q + pixel), mask), b);
        c = madd(v, v128.and(v128.load(q + 2 * pixel), mask), c);
        d = madd(v, v128.and(v128.load(q + 3 * pixel), mask), d);
      }
      v128.store(y, f32x4.add(v128.load(y), floatLaneSums(a, b, c, d)));
    }
  }
  for (; o < oc; o++, y += 4, w += pixel) {
    let sum: f32 = 0;
    let i: usize = 0;
    if (ASC_FEATURE_SIMD) {
      let a = f32x4.splat(0);
      for (; i < whole; i += 16) a = madd(v128.load(x + i), v128.load(w + i), a);
      sum = sumx4(a);
    }
    for (; i < pixel; i += 4) sum += load<f32>(x + i) * load<f32>(w + i);
    store<f32>(y, load<f32>(y) + sum);
  }
}

/**
 * y[oz, oy, ox, o] = bias[o] + sum of x[iz, iy, ix, i] * w[kz, ky, kx, o, i] where iz * strideD + kz * dilationD = oz + front, and
 * likewise for y and x. Rows of outputs gather their taps. Units are output rows [batch * od * oh].
 * @param w [kd, kh, kw, oc, ic]
 */
export function f32_conv3d_transpose(
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  d: i32,
  h: i32,
  iw: i32,
  ic: i32,
  od: i32,
  oh: i32,
  ow: i32,
  oc: i32,
  kd: i32,
  kh: i32,
  kw: i32,
  strideD: i32,
  strideH: i32,
  strideW: i32,
  dilationD: i32,
  dilationH: i32,
  dilationW: i32,
  front: i32,
  top: i32,
  left: i32,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const pixel = <usize>oc << 2;
  const tap = pixel * ic;
  y += <usize>begin * ow * pixel;
  for (let unit = begin; unit < end; unit++, y += <usize>ow * pixel) {
    const plane = unit / oh;
    const oy = unit - plane * oh + top;
    const n = plane / od;
    const oz = plane - n * od + front;
    for (let i: usize = 0; i < <usize>ow; i++) memory.copy(y + i * pixel, bias, pixel);
    for (let kz = 0; kz < kd; kz++) {
      const z = oz - kz * dilationD;
      const iz = z / strideD;
      if (z < 0 || iz >= d || iz * strideD != z) continue;
      for (let ky = 0; ky < kh; ky++) {
        const v = oy - ky * dilationH;
        const iy = v / strideH;
        if (v < 0 || iy >= h || iy * strideH != v) continue;
        const row = x + (<usize>(((n * d + iz) * h + iy) * iw * ic) << 2);
        for (let kx = 0; kx < kw; kx++) {
          const weights = w + <usize>((kz * kh + ky) * kw + kx) * tap;
          // Input columns that this tap brings into the row.
          const shift = kx * dilationW - left;
          const first = shift < 0 ? (strideW - 1 - shift) / strideW : 0;
          for (let ix = first; ix < iw && ix * strideW + shift < ow; ix++) {
            const to = y + <usize>(ix * strideW + shift) * pixel;
            addProduct(to, row + (<usize>(ix * ic) << 2), weights, oc, ic);
          }
        }
      }
    }
    for (let p = y; p < y + <usize>ow * pixel; p += 4) store<f32>(p, clamp(load<f32>(p), lo, hi));
  }
}
