/**
 * Pictures from files: JPEG (baseline and progressive), PNG and BMP, told apart by their first bytes. The result is
 * always 8-bit RGB, rows top-down; alpha is dropped, and a JPEG's EXIF orientation is applied.
 */
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { LaneliteError } from '../errors.js';
import { decodeBmp } from './bmp.js';

export interface Image {
  readonly width: number;
  readonly height: number;
  /** RGB, `height * width * 3` bytes. */
  readonly data: Uint8Array;
}

/** Above this, a file is taken for broken (or hostile) rather than decoded. */
export const MAX_PIXELS = 100_000_000;

export function imageError(message: string, cause?: unknown): LaneliteError {
  return new LaneliteError('IMAGE', message, { cause });
}

export function decodeImage(bytes: Uint8Array): Image {
  const [a, b, c, d] = bytes;
  if (a === 0x42 && b === 0x4d) return decodeBmp(bytes);
  if (a === 0xff && b === 0xd8) return decodeJpeg(bytes);
  if (a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47) return decodePng(bytes);
  throw imageError('expected a JPEG, PNG or BMP picture; the first bytes are of none of these');
}

function decodeJpeg(bytes: Uint8Array): Image {
  try {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: 2048,
    });
    return orient({ width, height, data }, exifOrientation(bytes));
  } catch (cause) {
    throw imageError(`JPEG: ${(cause as Error).message}`, cause);
  }
}

function decodePng(bytes: Uint8Array): Image {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24 || view.getUint32(16) * view.getUint32(20) > MAX_PIXELS) {
    throw imageError('PNG: the header is cut off, or the picture too large');
  }
  try {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0, j = 0; j < rgb.length; i += 4) {
      rgb[j++] = data[i]!;
      rgb[j++] = data[i + 1]!;
      rgb[j++] = data[i + 2]!;
    }
    return { width, height, data: rgb };
  } catch (cause) {
    throw imageError(`PNG: ${(cause as Error).message}`, cause);
  }
}

const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ORIENTATION = 0x0112;

/** The EXIF orientation (1 to 8) of a JPEG file; 1, upright, where there is none or it can't be read. */
export function exifOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for (let at = 2; view.getUint8(at) === 0xff; ) {
      const marker = view.getUint8(at + 1);
      if (marker === 0xda) return 1;
      if (marker === 0xe1 && EXIF.every((byte, i) => view.getUint8(at + 4 + i) === byte)) {
        const tiff = at + 10;
        const little = view.getUint16(tiff) === 0x4949;
        const directory = tiff + view.getUint32(tiff + 4, little);
        const entries = view.getUint16(directory, little);
        for (let i = 0; i < entries; i++) {
          const entry = directory + 2 + i * 12;
          if (view.getUint16(entry, little) !== ORIENTATION) continue;
          const value = view.getUint16(entry + 8, little);
          return value >= 1 && value <= 8 ? value : 1;
        }
        return 1;
      }
      at += 2 + view.getUint16(at + 2);
    }
  } catch {
    // A broken EXIF block says nothing; the pixels may still be good.
  }
  return 1;
}

/** The picture upright. Orientations 2, 4, 5, 7 are mirrored; 5 to 8 exchange rows and columns. */
export function orient(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { width: w, height: h, data: from } = image;
  const swapped = orientation >= 5;
  const [width, height] = swapped ? [h, w] : [w, h];
  const flipX = [2, 3, 7, 8].includes(orientation);
  const flipY = [3, 4, 6, 7].includes(orientation);
  const data = new Uint8Array(from.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = swapped ? [y, x] : [x, y];
      const at = ((flipY ? h - 1 - v : v) * w + (flipX ? w - 1 - u : u)) * 3;
      data[to++] = from[at]!;
      data[to++] = from[at + 1]!;
      data[to++] = from[at + 2]!;
    }
  }
  return { width, height, data };
}

/** Luminance (ITU-R BT.601, as PIL's mode "L"), one byte a pixel. */
export function toGrey(image: Image): Uint8Array {
  const { data } = image;
  const grey = new Uint8Array(image.width * image.height);
  for (let i = 0, j = 0; i < grey.length; i++, j += 3) {
    grey[i] = (19595 * data[j]! + 38470 * data[j + 1]! + 7471 * data[j + 2]! + 0x8000) >> 16;
  }
  return grey;
}
