// Winograd's F(4x4, 3x3) for float convolutions 3x3 with stride 1: tiles of 4x4 outputs come from 6x6 inputs by 36
// products a channel instead of 144. A block of tiles at a time: inputs are transformed once, then for each panel of 16
// output channels 36 matrix products and the transform of their results, all of it in cache.
// With a dilation d, the outputs of a tile lie d apart, as its inputs do; the tiles of d neighbours interleave.
import { copyF32 } from '../lib/gather';
import { gemmF32 } from '../lib/gemm-f32';
import { clamp, clampx4, storeBytes } from '../lib/simd';
import { filterRow, transformFilter, transformInput, transformOutput } from '../lib/winograd';

/** Points of the transform, two-dimensional. */
const POINTS: usize = 36;
/** Bytes of the products of a tile: 16 channels at each point. */
const PRODUCTS: usize = POINTS * 64;

/** Bytes of a tile's inputs at one point: an odd number of quarters of a cache way's lines, lest points displace each other. */
// @ts-ignore: decorator
@inline
function pointBytes(c: i32): usize {
  return <usize>(((c + 3) & ~3) | 16) << 2;
}

/** Bytes that the filters of a panel take; all but the last panel are 16 wide. */
// @ts-ignore: decorator
@inline
function panelBytes(c: i32, width: i32): usize {
  return POINTS * <usize>((c + 1) * width) << 2;
}

/**
 * Transforms filters and packs them as f32_gemm_pack does, for each panel of 16 columns all points. Units are panels.
 * @param w [oc, 3, 3, c]
 */
export function f32_conv2d_winograd_pack(c: i32, oc: i32, w: usize, y: usize, begin: i32, end: i32): void {
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 4;
    const width = oc - first > 8 ? 16 : 8;
    const t = y + <usize>panel * panelBytes(c, 16);
    memory.fill(t, 0, panelBytes(c, width));
    const columns = min(oc - first, width);
    const from = w + (<usize>(first * 9 * c) << 2);
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      for (; j + 4 <= columns; j += 4) filters<v128>(c, from + (<usize>(j * 9 * c) << 2), t + (<usize>j << 2), width);
    }
    for (; j < columns; j++) filters<f32>(c, from + (<usize>(j * 9 * c) << 2), t + (<usize>j << 2), width);
  }
}

/** The transform of neighbouring columns of a panel: four, or one. */
function filters<T>(c: i32, w: usize, y: usize, width: i32): void {
  const filter = <usize>(9 * c) << 2;
  const tap = <usize>c << 2;
  const point = <usize>((c + 1) * width) << 2;
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
    for (let r = 0; r < 6; r++, t += 6 * point) {
      transformFilter<T>(
        filterRow<T>(r, w00, w10, w20),
        filterRow<T>(r, w01, w11, w21),
        filterRow<T>(r, w02, w12, w22),
        t,
        point,
      );
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
 * Scratch memory, besides the rows: the window of a tile at the image's edge, and a tile half transformed.
 * y[oy, ox, o] = clamp(bias[o] + sum over taps), NHWC. Units are panels of output channels within blocks of tiles: all
 * panels of the first block, then of the next.
 * @param weights packed by f32_conv2d_winograd_pack
 * @param bias [oc], or 0 for none
 * @param scratch block * (36 * rows of c floats, padded, + 2304) + 36 * (c + 3) * 4 + 576 bytes
 * @param block tiles at a time
 */
export function f32_conv2d_winograd(
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
  const tilesH = tilesOf(oh, dilationH);
  const tilesW = tilesOf(ow, dilationW);
  const tiles = batch * tilesH * tilesW;
  const panels = (oc + 15) >> 4;
  const point = pointBytes(c);
  const tile = POINTS * point;
  const products = scratch + <usize>block * tile;
  const half = products + <usize>block * PRODUCTS;
  const window = half + 36 * 16;
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
        const iy = tileStart(ty, dilationH) - padTop;
        const ix = tileStart(tx, dilationW) - padLeft;
        loadTile(image, h, w, c, iy, ix, dilationH, dilationW, scratch + <usize>i * tile, half, window);
      }
    }
    const width = oc - (panel << 4) > 8 ? 16 : 8;
    let factors = weights + <usize>panel * panelBytes(c, 16);
    const filter = panelBytes(c, width) / POINTS;
    for (let p: usize = 0; p < POINTS; p++, factors += filter) {
      gemmF32(count, width, c, scratch + p * point, tile, factors, products + p * 64, PRODUCTS, -Infinity, Infinity);
    }
    const channels = min(16, oc - (panel << 4));
    for (let i = 0; i < count; i++) {
      const tx = (first + i) % tilesW;
      const ty = ((first + i) / tilesW) % tilesH;
      const oy = tileStart(ty, dilationH);
      const ox = tileStart(tx, dilationW);
      const t = y + (<usize>((((first + i) / tilesW / tilesH * oh + oy) * ow + ox) * oc + (panel << 4)) << 2);
      const rows = min(4, (oh - oy + dilationH - 1) / dilationH);
      const columns = min(4, (ow - ox + dilationW - 1) / dilationW);
      const b = bias ? bias + (<usize>panel << 6) : 0;
      storeTile(products + <usize>i * PRODUCTS, half, b, t, <usize>(ow * oc * dilationH) << 2, <usize>(oc * dilationW) << 2, rows, columns, channels, lo, hi);
    }
  }
}

/** Tiles along an axis of `n` outputs. */
// @ts-ignore: decorator
@inline
function tilesOf(n: i32, dilation: i32): i32 {
  return (n + 4 * dilation - 1) / (4 * dilation) * dilation;
}

/** The first output of a tile. */
// @ts-ignore: decorator
@inline
function tileStart(t: i32, dilation: i32): i32 {
  return t % dilation + t / dilation * 4 * dilation;
}

/** Transforms the 6x6 inputs from row iy and column ix on, missing ones being zero. */
function loadTile(
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
  let row = <usize>(w * c * dilationH) << 2;
  let column = <usize>(c * dilationW) << 2;
  if (iy >= 0 && ix >= 0 && iy + 5 * dilationH < h && ix + 5 * dilationW < w) {
    x += <usize>((iy * w + ix) * c) << 2;
  } else {
    const pixel = <usize>((c + 3) & ~3) << 2;
    let t = window;
    for (let i = 0, p = iy; i < 6; i++, p += dilationH) {
      for (let j = 0, q = ix; j < 6; j++, q += dilationW, t += pixel) {
        if (<u32>p < <u32>h && <u32>q < <u32>w) copyF32(t, x + (<usize>((p * w + q) * c) << 2), c);
        else memory.fill(t, 0, pixel);
      }
    }
    x = window;
    column = pixel;
    row = 6 * pixel;
  }
  if (ASC_FEATURE_SIMD) {
    for (const end = x + (<usize>c << 2); x < end; x += 16, y += 16) transformTile<v128>(x, row, column, y, point, half);
  } else {
    for (const end = x + (<usize>c << 2); x < end; x += 4, y += 4) transformTile<f32>(x, row, column, y, point, half);
  }
}

// @ts-ignore: decorator
@inline
function transformTile<T>(x: usize, row: usize, column: usize, y: usize, point: usize, half: usize): void {
  let t = half;
  for (const end = half + 6 * 16; t < end; t += 16, x += column) transformInput<T>(x, row, t, 6 * 16);
  t = half;
  for (const end = half + 36 * 16; t < end; t += 6 * 16, y += 6 * point) transformInput<T>(t, 16, y, point);
}

/** Transforms the products of a tile, adds the bias, and stores those of the 4x4 outputs that are there. */
function storeTile(
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
      combine<v128>(products, half, rows);
      const bytes = min(channels - i, 4) << 2;
      const b = bias ? v128.load(bias + (<usize>i << 2)) : f32x4.splat(0);
      for (let r = 0, p = half, t = y; r < rows; r++, p += 6 * 16, t += row) {
        for (let q = 0, u = t; q < columns; q++, u += column) {
          const v = clampx4(f32x4.add(v128.load(p + (<usize>q << 4)), b), l, h);
          if (bytes == 16) v128.store(u, v);
          else storeBytes(u, v, bytes);
        }
      }
    }
  } else {
    for (let i = 0; i < channels; i++, products += 4, y += 4) {
      combine<f32>(products, half, rows);
      const b: f32 = bias ? load<f32>(bias + (<usize>i << 2)) : 0;
      for (let r = 0, p = half, t = y; r < rows; r++, p += 6 * 16, t += row) {
        for (let q = 0, u = t; q < columns; q++, u += column) {
          store<f32>(u, clamp(load<f32>(p + (<usize>q << 4)) + b, lo, hi));
        }
      }
    }
  }
}

/** Rows of four outputs, 96 bytes from one to the next. */
// @ts-ignore: decorator
@inline
function combine<T>(products: usize, half: usize, rows: i32): void {
  let t = half;
  for (const end = half + 6 * 16; t < end; t += 16, products += 64) transformOutput<T>(products, 6 * 64, t, 6 * 16);
  t = half;
  for (const end = half + <usize>rows * 6 * 16; t < end; t += 6 * 16) transformOutput<T>(t, 16, t, 16);
}
