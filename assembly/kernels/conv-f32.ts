// Float convolution as gather + matrix product: a block of receptive fields at a time becomes rows [kh * kw * c]
// in scratch memory that stays in cache, and meets the packed weights there. NHWC images, TFLite's CONV_2D.
import { FLOATS, gather } from '../lib/gather';
import { gemmF32, packedSizeF32 } from '../lib/gemm-f32';

/**
 * Units are output pixels [batch * oh * ow].
 * @param x [batch, h, w, c]
 * @param weights per group, packed by f32_gemm_pack from [oc / groups, kh * kw * c / groups]
 * @param y [batch, oh, ow, oc]
 * @param rows scratch: block * kh * kw * c / groups floats + 32 bytes
 */
export function f32_conv2d(
  x: usize,
  weights: usize,
  y: usize,
  rows: usize,
  block: i32,
  h: i32,
  w: i32,
  c: i32,
  oh: i32,
  ow: i32,
  oc: i32,
  groups: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padTop: i32,
  padLeft: i32,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const cg = c / groups;
  const n = oc / groups;
  const k = kh * kw * cg;
  const rowBytes = <usize>k << 2;
  for (let p = begin; p < end; p += block) {
    const count = min(block, end - p);
    for (let g = 0; g < groups; g++) {
      gather(FLOATS, rows, rowBytes, x + (<usize>(g * cg) << 2), 0, 0, p, count, h, w, c, cg, oh, ow, kh, kw, strideH, strideW, dilationH, dilationW, padTop, padLeft);
      const packed = weights + (<usize>(g * packedSizeF32(k, n)) << 2);
      gemmF32(count, n, k, rows, rowBytes, packed, y + (<usize>(p * oc + g * n) << 2), <usize>oc << 2, lo, hi);
    }
  }
}
