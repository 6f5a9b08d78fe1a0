/**
 * Windows bitmaps, every uncompressed and run-length form: 1, 2, 4 and 8 bits with a palette, 16 and 32 bits with
 * standard or stated masks, 24 bits, RLE4 and RLE8; bottom-up and top-down; OS/2 and Windows headers of all versions.
 * Alpha is ignored. Layout: 14 bytes of file header, the information header (its size first), masks, palette, pixels.
 */
import type { Image } from './image.js';
import { imageError, MAX_PIXELS } from './image.js';

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

const FILE_HEADER = 14;
const OS2_HEADER = 12;
const WINDOWS_HEADER = 40;

export function decodeBmp(bytes: Uint8Array): Image {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return decode(bytes, view);
  } catch (cause) {
    if (cause instanceof RangeError) throw imageError('the BMP file is cut off', cause);
    throw cause;
  }
}

function decode(bytes: Uint8Array, view: DataView): Image {
  const pixels = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const old = headerSize === OS2_HEADER;
  if (!old && headerSize < WINDOWS_HEADER) throw imageError(`BMP information header of ${headerSize} bytes`);

  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? RGB : view.getUint32(30, true);
  const colors = old ? 0 : view.getUint32(46, true);
  const height = Math.abs(signedHeight);
  if (!(width > 0 && height > 0 && width * height <= MAX_PIXELS)) {
    throw imageError(`BMP of ${width}x${height} pixels`);
  }

  const masked = compression === BITFIELDS || compression === ALPHA_BITFIELDS;
  const rle = compression === RLE8 || compression === RLE4;
  if (!(compression === RGB || masked || rle)) throw imageError(`BMP compression ${compression} is not supported`);

  const row = new Rows(width, height, signedHeight < 0);
  if (bits <= 8) {
    // Masks of a 40-byte header lie between it and the palette; later headers contain them.
    const start = FILE_HEADER + headerSize;
    const entries = Math.min(colors || 1 << bits, 1 << bits);
    const palette = readPalette(bytes, start, entries, old ? 3 : 4);
    if (compression === (bits === 8 ? RLE8 : RLE4) && (bits === 8 || bits === 4)) {
      decodeRuns(bytes, pixels, bits, palette, row);
    } else if (compression === RGB && [1, 2, 4, 8].includes(bits)) {
      decodeIndexed(bytes, view, pixels, bits, palette, row);
    } else {
      throw imageError(`BMP of ${bits} bits a pixel with compression ${compression}`);
    }
  } else if (bits === 24 && compression === RGB) {
    decodeMasked(view, pixels, 3, [0xff0000, 0xff00, 0xff], row);
  } else if ((bits === 16 || bits === 32) && !rle) {
    const standard = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
    const masks = masked ? [54, 58, 62].map((at) => view.getUint32(at, true)) : standard;
    decodeMasked(view, pixels, bits / 8, masks, row);
  } else {
    throw imageError(`BMP of ${bits} bits a pixel with compression ${compression}`);
  }
  return { width, height, data: row.data };
}

/** The picture being written: rows in file order, which is bottom-up unless the height is negative. */
class Rows {
  readonly data: Uint8Array;
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly topDown: boolean,
  ) {
    this.data = new Uint8Array(width * height * 3);
  }

  offset(y: number): number {
    return (this.topDown ? y : this.height - 1 - y) * this.width * 3;
  }

  set(x: number, y: number, palette: Uint8Array, index: number): void {
    if (x >= this.width || y >= this.height) return;
    this.data.set(palette.subarray(index * 3, index * 3 + 3), this.offset(y) + x * 3);
  }
}

/** RGB triples for 256 indices; those that the file doesn't define are black. */
function readPalette(bytes: Uint8Array, start: number, entries: number, size: number): Uint8Array {
  if (start + entries * size > bytes.length) throw new RangeError();
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < entries; i++) {
    for (let c = 0; c < 3; c++) palette[i * 3 + c] = bytes[start + i * size + 2 - c]!;
  }
  return palette;
}

/** Bytes of a row in the file: whole 32-bit words. */
const stride = (width: number, bits: number) => Math.ceil((width * bits) / 32) * 4;

function decodeIndexed(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  bits: number,
  palette: Uint8Array,
  row: Rows,
): void {
  const step = stride(row.width, bits);
  const mask = (1 << bits) - 1;
  for (let y = 0; y < row.height; y++) {
    view.getUint8(start + y * step + ((row.width * bits - 1) >> 3));
    for (let x = 0; x < row.width; x++) {
      const bit = x * bits;
      const byte = bytes[start + y * step + (bit >> 3)]!;
      row.set(x, y, palette, (byte >> (8 - bits - (bit & 7))) & mask);
    }
  }
}

function decodeMasked(view: DataView, start: number, size: number, masks: readonly number[], row: Rows): void {
  const channels = masks.map((mask) => {
    const shift = mask ? 31 - Math.clz32(mask & -mask) : 0;
    const max = mask >>> shift;
    return { shift, max, scale: max ? 255 / max : 0 };
  });
  const step = stride(row.width, size * 8);
  for (let y = 0; y < row.height; y++) {
    let to = row.offset(y);
    for (let x = 0; x < row.width; x++) {
      const at = start + y * step + x * size;
      const pixel =
        size === 4
          ? view.getUint32(at, true)
          : view.getUint16(at, true) | (size === 3 ? view.getUint8(at + 2) << 16 : 0);
      for (const { shift, max, scale } of channels)
        row.data[to++] = Math.round((((pixel >>> shift) & max) >>> 0) * scale);
    }
  }
}

/**
 * Pairs (count, value) fill; (0, 0) ends a row, (0, 1) the picture, (0, 2) moves by the next two bytes, (0, n) copies n
 * literal pixels, padded to 16 bits. RLE4 packs two pixels in a byte, alternating within a fill. Skipped pixels show
 * palette entry 0.
 */
function decodeRuns(bytes: Uint8Array, start: number, bits: number, palette: Uint8Array, row: Rows): void {
  for (let y = 0; y < row.height; y++) for (let x = 0; x < row.width; x++) row.set(x, y, palette, 0);
  let at = start;
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError();
    return byte;
  };
  const nibble = (byte: number, i: number) => (bits === 8 ? byte : i & 1 ? byte & 15 : byte >> 4);
  for (let x = 0, y = 0; y < row.height; ) {
    const count = next();
    const value = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) row.set(x++, y, palette, nibble(value, i));
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      return;
    } else if (value === 2) {
      x += next();
      y += next();
    } else {
      const length = bits === 8 ? value : (value + 1) >> 1;
      for (let i = 0; i < value; i++) {
        const byte = bytes[at + (bits === 8 ? i : i >> 1)];
        if (byte === undefined) throw new RangeError();
        row.set(x++, y, palette, nibble(byte, i));
      }
      at += length + (length & 1);
    }
  }
}
