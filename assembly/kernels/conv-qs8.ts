// Quantized convolution as gather + matrix product: a block of receptive fields at a time becomes int16 rows
// [kh * kw * c] less the zero point (so that padding is 0) in scratch memory that stays in cache. NHWC images, TFLite's CONV_2D.
// uint8 is flipped to int8 on reading, see gemm-qs8.ts. For relaxed dot products (lib/gemm-qs8c4.ts) rows are bytes, padded with
// the zero point.
import { BYTES, copyBytes, WIDENED, gather } from '../lib/gather';
import { FLOAT, gemmQs8, narrowBytesQs8, outputBytes, packedBytesQs8, parameterBytes, rowBytesQs8 } from '../lib/gemm-qs8';
import { gemmQs8c4, hasZeroPoint, packedBytesQs8c4, sumRows } from '../lib/gemm-qs8c4';

/** Both kernels; `c4`, a constant, says which. */
// @ts-ignore: decorator
@inline
function convolve(
  c4: bool,
  x: usize,
  flip: i32,
  zeroPoint: i32,
  dynamic: usize,
  weights: usize,
  panel: usize,
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
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  const cg = c / groups;
  const n = oc / groups;
  const k = kh * kw * cg;
  const sums = c4 && hasZeroPoint(weights, n, mode);
  const rowBytes = <usize>(c4 ? k : rowBytesQs8(k));
  // Sums of rows come before them.
  const fields = c4 ? rows + (<usize>block << 3) : rows;
  const element = <usize>outputBytes(mode);
  const groupParameters = <usize>((n + 3) >> 2) * <usize>parameterBytes(mode);
  const area = oh * ow;
  let count = 0;
  for (let p = begin; p < end; p += count) {
    const image = p / area;
    count = min(min(block, end - p), (image + 1) * area - p);
    let d: usize = mode == FLOAT ? dynamic + (<usize>image << 3) : 0;
    const z = zeroPoint + (d ? load<i32>(d, 4) : 0);
    for (let g = 0; g < groups; g++) {
      gather(c4 ? BYTES : WIDENED, fields, rowBytes, x + g * cg, flip, z, p, count, h, w, c, cg, oh, ow, kh, kw, strideH, strideW, dilationH, dilationW, padTop, padLeft);
      if (sums) {
        sumRows(rows, fields, count, k, rowBytes);
        d = rows;
      }
      const packed = weights + <usize>(g * (c4 ? packedBytesQs8c4(k, n) : panel ? narrowBytesQs8(k, n) : packedBytesQs8(k, n)));
      const t = y + <usize>(p * oc + g * n) * element;
      const parameters = q + <usize>g * groupParameters;
      if (c4) gemmQs8c4(count, n, k, 1, 0, fields, rowBytes, packed, t, <usize>oc * element, parameters, mode, output, d, sums ? 8 : 0, rows);
      else gemmQs8(count, n, k, fields, packed, panel, t, <usize>oc * element, parameters, mode, output, d, 0);
    }
  }
}

/**
 * Units are output pixels [batch * oh * ow].
 * @param x [batch, h, w, c] bytes
 * @param dynamic { scale: f32, zeroPoint: i32 } an image, for FLOAT; otherwise unused
 * @param weights per group, packed by qs8_gemm_pack from [oc / groups, kh * kw * c / groups]; with a panel, by qs8_gemm_pack_narrow
 * @param panel 0, or scratch: (kh * kw * c + 1) / 2 * 64 + 64 bytes
 * @param y [batch, oh, ow, oc] bytes, or floats for FLOAT
 * @param rows scratch: block * rowBytesQs8(kh * kw * c / groups) + 32 bytes
 * @param q parameter block of groups of four channels; each group of the convolution starts on a new one
 */
export function qs8_conv2d(
  x: usize,
  flip: i32,
  zeroPoint: i32,
  dynamic: usize,
  weights: usize,
  panel: usize,
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
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  convolve(false, x, flip, zeroPoint, dynamic, weights, panel, y, rows, block, h, w, c, oh, ow, oc, groups, kh, kw, strideH, strideW, dilationH, dilationW, padTop, padLeft, q, mode, output, begin, end);
}

/**
 * qs8_conv2d through relaxed dot products.
 * @param weights per group, packed by qs8_gemm_pack_c4
 * @param rows scratch: block * (kh * kw * c / groups + 8) + 16 bytes
 */
export function qs8_conv2d_c4(
  x: usize,
  flip: i32,
  zeroPoint: i32,
  dynamic: usize,
  weights: usize,
  _panel: usize,
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
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  convolve(true, x, flip, zeroPoint, dynamic, weights, 0, y, rows, block, h, w, c, oh, ow, oc, groups, kh, kw, strideH, strideW, dilationH, dilationW, padTop, padLeft, q, mode, output, begin, end);
}

/**
 * qs8_conv2d_c4 without gathering, for one group, few channels, no dilation along x and weights without a zero point: lines of
 * the image go to a strip, flipped and padded, and a window's lines are runs of a row as they lie there. Units are output
 * rows [batch * oh].
 * @param weights packed by qs8_gemm_pack_c4 in kh runs
 * @param rows scratch: space + 96 bytes
 * @param space bytes of the strip: at least the lines of one output row, each of ((ow - 1) * strideW + kw) * c
 */
export function qs8_conv2d_strip_c4(
  x: usize,
  flip: i32,
  zeroPoint: i32,
  dynamic: usize,
  weights: usize,
  _panel: usize,
  y: usize,
  rows: usize,
  space: i32,
  h: i32,
  w: i32,
  c: i32,
  oh: i32,
  ow: i32,
  oc: i32,
  _groups: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  _dilationW: i32,
  padTop: i32,
  padLeft: i32,
  q: usize,
  mode: i32,
  output: usize,
  begin: i32,
  end: i32,
): void {
  const width = (ow - 1) * strideW + kw;
  const line = <usize>(width * c);
  const least = (kh - 1) * dilationH + 1;
  const block = (space / <i32>line - least) / strideH + 1;
  const before = min(padLeft, width);
  const taken = min(w, width - before);
  const left = <usize>(before * c);
  const right = <usize>((width - before - taken) * c);
  const strip = rows + 64;
  const pixel = <usize>(oc * outputBytes(mode));
  let count = 0;
  for (let unit = begin; unit < end; unit += count) {
    const image = unit / oh;
    count = min(min(block, end - unit), (image + 1) * oh - unit);
    const d: usize = mode == FLOAT ? dynamic + (<usize>image << 3) : 0;
    const z = <u8>(zeroPoint + (d ? load<i32>(d, 4) : 0));
    const first = (unit - image * oh) * strideH - padTop;
    const lines = (count - 1) * strideH + least;
    let t = strip;
    for (let iy = first; iy < first + lines; iy++, t += line) {
      if (iy < 0 || iy >= h) {
        memory.fill(t, z, line);
        continue;
      }
      memory.fill(t, z, left);
      copyBytes(t + left, x + <usize>((image * h + iy) * w) * <usize>c, taken * c, flip);
      memory.fill(t + line - right, z, right);
    }
    t = strip;
    for (let i = 0; i < count; i++, t += <usize>strideH * line) {
      const to = y + <usize>((unit + i) * ow) * pixel;
      gemmQs8c4(ow, oc, kw * c, kh, <usize>dilationH * line, t, <usize>(strideW * c), weights, to, pixel, q, mode, output, d, 0, rows);
    }
  }
}
