// Gathers the receptive fields of consecutive output pixels into rows of a matrix (a few rows at a time, so that they
// stay in cache): row i holds [kh, kw, c] of pixel `p + i`, taps outside the image are zero.
// Three forms of a row: floats as they are, bytes widened to int16 less a zero point, padded to an even length, and bytes as
// they are or flipped, with the zero point as padding.
// Writes run upwards and may pass the end of a row by up to 30 bytes.

export const FLOATS: i32 = 0;
export const WIDENED: i32 = 1;
export const BYTES: i32 = 2;

/** Copies `count` floats. */
// @ts-ignore: decorator
@inline
export function copyF32(y: usize, x: usize, count: i32): void {
  if (ASC_FEATURE_SIMD) {
    for (const end = x + (<usize>count << 2); x < end; x += 16, y += 16) v128.store(y, v128.load(x));
  } else {
    for (const end = x + (<usize>count << 2); x < end; x += 4, y += 4) store<f32>(y, load<f32>(x));
  }
}

/** `count` bytes, exclusive-or `flip` (128 turns uint8 into int8), as int16 less `zeroPoint`. */
// @ts-ignore: decorator
@inline
export function widen(y: usize, x: usize, count: i32, flip: i32, zeroPoint: i32): void {
  if (ASC_FEATURE_SIMD) {
    const f = i8x16.splat(<i8>flip);
    const z = i16x8.splat(<i16>zeroPoint);
    for (const end = x + count; x < end; x += 16, y += 32) {
      const v = v128.xor(v128.load(x), f);
      v128.store(y, i16x8.sub(i16x8.extend_low_i8x16_s(v), z));
      v128.store(y, i16x8.sub(i16x8.extend_high_i8x16_s(v), z), 16);
    }
  } else {
    for (const end = x + count; x < end; x++, y += 2) store<i16>(y, <i16>(<i8>(load<u8>(x) ^ flip) - zeroPoint));
  }
}

/** `count` bytes, exclusive-or `flip`. */
// @ts-ignore: decorator
@inline
export function copyBytes(y: usize, x: usize, count: i32, flip: i32): void {
  if (ASC_FEATURE_SIMD) {
    const f = i8x16.splat(<i8>flip);
    for (const end = x + count; x < end; x += 16, y += 16) v128.store(y, v128.xor(v128.load(x), f));
  } else {
    for (const end = x + count; x < end; x++, y++) store<u8>(y, load<u8>(x) ^ <u8>flip);
  }
}

/** Copies twelve floats. */
// @ts-ignore: decorator
@inline
function copy3(y: usize, x: usize): void {
  v128.store(y, v128.load(x));
  v128.store(y, v128.load(x, 16), 16);
  v128.store(y, v128.load(x, 32), 32);
}

/** `count` elements of the image. */
// @ts-ignore: decorator
@inline
function take(form: i32, y: usize, x: usize, count: i32, flip: i32, zeroPoint: i32): void {
  if (form == FLOATS) copyF32(y, x, count);
  else if (form == WIDENED) widen(y, x, count, flip, zeroPoint);
  else copyBytes(y, x, count, flip);
}

/** Padding. */
// @ts-ignore: decorator
@inline
function fill(form: i32, y: usize, bytes: i32, zeroPoint: i32): void {
  const value = form == BYTES ? zeroPoint : 0;
  if (ASC_FEATURE_SIMD) {
    for (const end = y + bytes; y < end; y += 16) v128.store(y, i8x16.splat(<i8>value));
  } else {
    for (const end = y + bytes; y < end; y++) store<u8>(y, <u8>value);
  }
}

/**
 * @param form of rows; a constant. `flip` and `zeroPoint` are for bytes
 * @param x image [batch, h, w, channels], from the first channel that is wanted
 * @param c channels taken of `channels`
 * @param rowBytes from one row of `y` to the next
 */
// @ts-ignore: decorator
@inline
export function gather(
  form: i32,
  y: usize,
  rowBytes: usize,
  x: usize,
  flip: i32,
  zeroPoint: i32,
  p: i32,
  count: i32,
  h: i32,
  w: i32,
  channels: i32,
  c: i32,
  oh: i32,
  ow: i32,
  kh: i32,
  kw: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const from = form == FLOATS ? 2 : 0; // log2 of an element of the image, and of the rows
  const to = form == FLOATS ? 2 : form == WIDENED ? 1 : 0;
  let ox = p % ow;
  let oy = (p / ow) % oh;
  let image = x + (<usize>(p / ow / oh) * <usize>(h * w * channels) << from);
  // Taps of one row of the window lie side by side in the image: copy them together.
  const adjacent = c == channels && dilationW == 1;
  // Images of three or four channels under windows 3x3, the first layer of most networks: loops would take longer than copies.
  const small = form == FLOATS && adjacent && kh == 3 && kw == 3 && (c == 3 || c == 4);
  const line = <usize>(dilationH * w * c) << 2;
  const step = <usize>(kw * c) << 2;
  for (; count > 0; count--) {
    const ix = ox * strideW - padLeft;
    const iy = oy * strideH - padTop;
    const inside = adjacent && ix >= 0 && ix + kw <= w;
    let t = y;
    let ky = 0;
    if (ASC_FEATURE_SIMD) {
      if (small && inside && iy >= 0 && iy + 2 * dilationH < h) {
        const s = image + (<usize>((iy * w + ix) * c) << 2);
        copy3(y, s);
        copy3(y + step, s + line);
        copy3(y + 2 * step, s + 2 * line);
        ky = 3;
      }
    }
    for (; ky < kh; ky++) {
      const row = iy + ky * dilationH;
      if (<u32>row >= <u32>h) {
        fill(form, t, (kw * c) << to, zeroPoint);
        t += <usize>(kw * c) << to;
        continue;
      }
      const pixels = image + (<usize>(row * w * channels) << from);
      if (inside) {
        take(form, t, pixels + (<usize>(ix * c) << from), kw * c, flip, zeroPoint);
        t += <usize>(kw * c) << to;
      } else if (adjacent) {
        const first = min(kw, max(0, -ix));
        const last = max(first, min(kw, w - ix));
        const s = pixels + (<usize>((ix + first) * c) << from);
        const taps = (last - first) * c;
        fill(form, t, (first * c) << to, zeroPoint);
        t += <usize>(first * c) << to;
        take(form, t, s, taps, flip, zeroPoint);
        t += <usize>taps << to;
        fill(form, t, ((kw - last) * c) << to, zeroPoint);
        t += <usize>((kw - last) * c) << to;
      } else {
        for (let kx = 0; kx < kw; kx++) {
          const col = ix + kx * dilationW;
          if (<u32>col >= <u32>w) fill(form, t, c << to, zeroPoint);
          else take(form, t, pixels + (<usize>(col * channels) << from), c, flip, zeroPoint);
          t += <usize>c << to;
        }
      }
    }
    y += rowBytes;
    if (++ox == ow) {
      ox = 0;
      if (++oy == oh) {
        oy = 0;
        image += <usize>(h * w * channels) << from;
      }
    }
  }
}
