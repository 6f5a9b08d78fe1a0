// Winograd's F(m x m, 3x3) for float convolutions 3x3 with stride 1, m = 2 or 4: tiles of m x m outputs come from inputs
// (m + 2) x (m + 2) by as many products a channel, 4/9 or 1/4 of the plain number. A block of tiles at a time: inputs are
// transformed once, then for each panel of 16 output channels come a matrix product for each point of the transform
// and the transform of the results, all of it in cache.
// With a dilation d, the outputs of a tile lie d apart, as its inputs do; the tiles of d neighbours interleave.
import { copyF32 } from '../lib/gather';
import { gemmF32 } from '../lib/gemm-f32';
import { clamp, clampx4, storeBytes } from '../lib/simd';
import { transformFilter, transformInput, transformOutput } from '../lib/winograd';

/** Bytes from one row of a tile half transformed to the next. */
const ROW: usize = 6 * 16;

/** Bytes of a tile's inputs at one point: an odd number of cache lines where it is more, lest points displace each other. */
// @ts-ignore: decorator
@inline
function pointBytes(c: i32): usize {
  return <usize>(((c + 3) & ~3) | 16) << 2;
}

/** Bytes of a panel's filters at one point; all but the last panel are 16 wide. */
// @ts-ignore: decorator
@inline
function filterBytes(c: i32, width: i32): usize {
  return <usize>((c + 1) * width) << 2;
}

/**
 * Transforms filters and packs them as f32_gemm_pack does, for each panel of 16 columns all points. Units are panels.
 * @param w [oc, 3, 3, c]
 */
export function f32_conv2d_winograd_pack(m: i32, c: i32, oc: i32, w: usize, y: usize, begin: i32, end: i32): void {
  const points: usize = (m + 2) * (m + 2);
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 4;
    const width = oc - first > 8 ? 16 : 8;
    const t = y + <usize>panel * points * filterBytes(c, 16);
    memory.fill(t, 0, points * filterBytes(c, width));
    const columns = min(oc - first, width);
    const from = w + (<usize>(first * 9 * c) << 2);
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      for (; j + 4 <= columns; j += 4) filters<v128>(m, c, from + (<usize>(j * 9 * c) << 2), t + (<usize>j << 2), width);
    }
    for (; j < columns; j++) filters<f32>(m, c, from + (<usize>(j * 9 * c) << 2), t + (<usize>j << 2), width);
  }
}

/** The transform of neighbouring columns of a panel: four, or one. */
function filters<T>(m: i32, c: i32, w: usize, y: usize, width: i32): void {
  const filter = <usize>(9 * c) << 2;
  const tap = <usize>c << 2;
  const point = filterBytes(c, width);
  for (let i = 0; i < c; i++, w += 4) {
    y += <usize>width << 2;
    const w00 = taps<T>(w, filter);
    const w01 = taps<T>(w + tap, filter);
    const w02 = taps<T>(w + 2 * tap, filter);
    const w10 = taps<T>(w + 3 * tap, filter);
    const w11 = taps<T>(w + 4 * tap, filter);
    const w12 = taps<T>(w + 5 * tap, filter);
    const w20 = taps<T>(w + 6 * tap, filter);
    const w21 = taps<T>(w + 7 * tap, filter);
    const w22 = taps<T>(w + 8 * tap, filter);
    let t = y;
    for (let r = 0; r < m + 2; r++) {
      const r0 = transformFilter<T>(m, r, w00, w10, w20);
      const r1 = transformFilter<T>(m, r, w01, w11, w21);
      const r2 = transformFilter<T>(m, r, w02, w12, w22);
      for (let q = 0; q < m + 2; q++, t += point) store<T>(t, transformFilter<T>(m, q, r0, r1, r2));
    }
  }
}

/** The same tap of the filters of neighbouring columns. */
// @ts-ignore: decorator
@inline
function taps<T>(w: usize, filter: usize): T {
  if (!isVector<T>()) return load<T>(w);
  let v = v128.load32_zero(w);
  v = v128.load32_lane(w + filter, v, 1);
  v = v128.load32_lane(w + 2 * filter, v, 2);
  return v128.load32_lane(w + 3 * filter, v, 3);
}

/**
 * y[oy, ox, o] = clamp(bias[o] + sum over taps), NHWC. Units are panels of output channels within blocks of tiles: all
 * panels of the first block, then of the next.
 * @param m outputs of a tile along each axis: 2 or 4
 * @param weights packed by f32_conv2d_winograd_pack
 * @param bias [oc], or 0 for none
 * @param scratch for each tile of a block, inputs and 16 products at each point; half a tile; a window of inputs
 * @param block tiles at a time
 */
export function f32_conv2d_winograd(
  m: i32,
  x: usize,
  weights: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  block: i32,
  batch: i32,
  h: i32,
  w: i32,
  c: i32,
  oh: i32,
  ow: i32,
  oc: i32,
  dilationH: i32,
  dilationW: i32,
  padTop: i32,
  padLeft: i32,
  lo: f32,
  hi: f32,
  begin: i32,
  end: i32,
): void {
  const tilesH = tilesOf(m, oh, dilationH);
  const tilesW = tilesOf(m, ow, dilationW);
  const tiles = batch * tilesH * tilesW;
  const panels = (oc + 15) >> 4;
  const point = pointBytes(c);
  const points: usize = (m + 2) * (m + 2);
  const tile = points * point;
  const products = scratch + <usize>block * tile;
  const productsTile = points << 6;
  const half = products + <usize>block * productsTile;
  const window = half + 6 * ROW;
  let transformed = -1;
  for (let unit = begin; unit < end; unit++) {
    const blockIndex = unit / panels;
    const panel = unit % panels;
    const first = blockIndex * block;
    const count = min(block, tiles - first);
    if (transformed != blockIndex) {
      transformed = blockIndex;
      for (let i = 0; i < count; i++) {
        const tx = (first + i) % tilesW;
        const ty = ((first + i) / tilesW) % tilesH;
        const image = x + (<usize>((first + i) / tilesW / tilesH * h * w * c) << 2);
        const iy = tileStart(m, ty, dilationH) - padTop;
        const ix = tileStart(m, tx, dilationW) - padLeft;
        loadTile(m, image, h, w, c, iy, ix, dilationH, dilationW, scratch + <usize>i * tile, half, window);
      }
    }
    const width = oc - (panel << 4) > 8 ? 16 : 8;
    const filter = filterBytes(c, width);
    let factors = weights + <usize>panel * points * filterBytes(c, 16);
    for (let p: usize = 0; p < points; p++, factors += filter) {
      gemmF32(count, width, c, scratch + p * point, tile, factors, products + (p << 6), productsTile, -Infinity, Infinity);
    }
    const channels = min(16, oc - (panel << 4));
    for (let i = 0; i < count; i++) {
      const tx = (first + i) % tilesW;
      const ty = ((first + i) / tilesW) % tilesH;
      const oy = tileStart(m, ty, dilationH);
      const ox = tileStart(m, tx, dilationW);
      const t = y + (<usize>((((first + i) / tilesW / tilesH * oh + oy) * ow + ox) * oc + (panel << 4)) << 2);
      const rows = min(m, (oh - oy + dilationH - 1) / dilationH);
      const columns = min(m, (ow - ox + dilationW - 1) / dilationW);
      const b = bias ? bias + (<usize>panel << 6) : 0;
      storeTile(m, products + <usize>i * productsTile, half, b, t, <usize>(ow * oc * dilationH) << 2, <usize>(oc * dilationW) << 2, rows, columns, channels, lo, hi);
    }
  }
}

/** Tiles along an axis of `n` outputs. */
// @ts-ignore: decorator
@inline
function tilesOf(m: i32, n: i32, dilation: i32): i32 {
  return (n + m * dilation - 1) / (m * dilation) * dilation;
}

/** The first output of a tile. */
// @ts-ignore: decorator
@inline
function tileStart(m: i32, t: i32, dilation: i32): i32 {
  return t % dilation + t / dilation * m * dilation;
}

/** Transforms the inputs from row iy and column ix on, missing ones being zero. */
function loadTile(
  m: i32,
  x: usize,
  h: i32,
  w: i32,
  c: i32,
  iy: i32,
  ix: i32,
  dilationH: i32,
  dilationW: i32,
  y: usize,
  half: usize,
  window: usize,
): void {
  const point = pointBytes(c);
  const n = m + 2;
  let row = <usize>(w * c * dilationH) << 2;
  let column = <usize>(c * dilationW) << 2;
  if (iy >= 0 && ix >= 0 && iy + (n - 1) * dilationH < h && ix + (n - 1) * dilationW < w) {
    x += <usize>((iy * w + ix) * c) << 2;
  } else {
    const pixel = <usize>((c + 3) & ~3) << 2;
    let t = window;
    for (let i = 0, p = iy; i < n; i++, p += dilationH) {
      for (let j = 0, q = ix; j < n; j++, q += dilationW, t += pixel) {
        if (<u32>p < <u32>h && <u32>q < <u32>w) copyF32(t, x + (<usize>((p * w + q) * c) << 2), c);
        else memory.fill(t, 0, pixel);
      }
    }
    x = window;
    column = pixel;
    row = <usize>n * pixel;
  }
  const end = x + (<usize>c << 2);
  if (ASC_FEATURE_SIMD) {
    if (m == 2) for (; x < end; x += 16, y += 16) transformTile<v128>(2, x, row, column, y, point, half);
    else for (; x < end; x += 16, y += 16) transformTile<v128>(4, x, row, column, y, point, half);
  } else {
    for (; x < end; x += 4, y += 4) transformTile<f32>(m, x, row, column, y, point, half);
  }
}

// @ts-ignore: decorator
@inline
function transformTile<T>(m: i32, x: usize, row: usize, column: usize, y: usize, point: usize, half: usize): void {
  const n: usize = m + 2;
  let t = half;
  for (const end = half + (n << 4); t < end; t += 16, x += column) transformInput<T>(m, x, row, t, ROW);
  t = half;
  for (const end = half + n * ROW; t < end; t += ROW, y += n * point) transformInput<T>(m, t, 16, y, point);
}

/** Transforms the products of a tile, adds the bias, and stores those outputs that are there. */
function storeTile(
  m: i32,
  products: usize,
  half: usize,
  bias: usize,
  y: usize,
  row: usize,
  column: usize,
  rows: i32,
  columns: i32,
  channels: i32,
  lo: f32,
  hi: f32,
): void {
  if (ASC_FEATURE_SIMD) {
    const l = f32x4.splat(lo);
    const h = f32x4.splat(hi);
    for (let i = 0; i < channels; i += 4, products += 16, y += 16) {
      if (m == 2) combine<v128>(2, products, half, rows);
      else combine<v128>(4, products, half, rows);
      const bytes = min(channels - i, 4) << 2;
      const b = bias ? v128.load(bias + (<usize>i << 2)) : f32x4.splat(0);
      for (let r = 0, p = half, t = y; r < rows; r++, p += ROW, t += row) {
        for (let q = 0, u = t; q < columns; q++, u += column) {
          const v = clampx4(f32x4.add(v128.load(p + (<usize>q << 4)), b), l, h);
          if (bytes == 16) v128.store(u, v);
          else storeBytes(u, v, bytes);
        }
      }
    }
  } else {
    for (let i = 0; i < channels; i++, products += 4, y += 4) {
      combine<f32>(m, products, half, rows);
      const b: f32 = bias ? load<f32>(bias + (<usize>i << 2)) : 0;
      for (let r = 0, p = half, t = y; r < rows; r++, p += ROW, t += row) {
        for (let q = 0, u = t; q < columns; q++, u += column) {
          store<f32>(u, clamp(load<f32>(p + (<usize>q << 4)) + b, lo, hi));
        }
      }
    }
  }
}

/** The outputs of a tile, row by row. */
// @ts-ignore: decorator
@inline
function combine<T>(m: i32, products: usize, half: usize, rows: i32): void {
  const n: usize = m + 2;
  let t = half;
  for (const end = half + (n << 4); t < end; t += 16, products += 64) transformOutput<T>(m, products, n << 6, t, ROW);
  t = half;
  for (const end = half + <usize>rows * ROW; t < end; t += ROW) transformOutput<T>(m, t, 16, t, 16);
}
