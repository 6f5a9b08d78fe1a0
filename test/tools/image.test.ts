import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import { decodeImage, exifOrientation, orient, toGrey } from '../../bindings/tools/image.js';

/** Three by two pixels in distinct colours, top row first. */
const COLORS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [0, 255, 255],
  [255, 255, 255],
];
const PIXELS = COLORS.flat();

interface Form {
  bits: number;
  compression?: number;
  topDown?: boolean;
  os2?: boolean;
  masks?: number[];
  palette?: number[][];
  /** Pixel data in file order; encoded from COLORS where absent. */
  data?: number[];
}

const rows = (topDown = false) =>
  topDown ? [COLORS.slice(0, 3), COLORS.slice(3)] : [COLORS.slice(3), COLORS.slice(0, 3)];
const padded = (row: number[]) => [...row, ...new Array((4 - (row.length % 4)) % 4).fill(0)];
const little = (value: number, size: number) => Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & 255);

function bmp({ bits, compression = 0, topDown, os2, masks = [], palette = [], data }: Form): Uint8Array {
  const header = os2
    ? [...little(12, 4), ...little(3, 2), ...little(2, 2), ...little(1, 2), ...little(bits, 2)]
    : [
        ...[40, 3, topDown ? -2 : 2].flatMap((x) => little(x, 4)),
        ...little(1, 2),
        ...little(bits, 2),
        ...[compression, 0, 0, 0, palette.length, 0].flatMap((x) => little(x, 4)),
      ];
  const colors = palette.flatMap(([r, g, b]) => (os2 ? [b!, g!, r!] : [b!, g!, r!, 0]));
  const front = [...header, ...masks.flatMap((m) => little(m, 4)), ...colors];
  const start = 14 + front.length;
  const pixels =
    data ?? rows(topDown).flatMap((row) => padded(row.flatMap((color) => pack(color, bits, masks, palette))));
  return Uint8Array.from([
    0x42,
    0x4d,
    ...little(start + pixels.length, 4),
    0,
    0,
    0,
    0,
    ...little(start, 4),
    ...front,
    ...pixels,
  ]);
}

function pack([r, g, b]: number[], bits: number, masks: number[], palette: number[][]): number[] {
  if (bits === 8) return [palette.findIndex((p) => p[0] === r && p[1] === g && p[2] === b)];
  if (bits === 24) return [b!, g!, r!];
  const [mr, mg, mb] = masks.length ? masks : bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  // Colours are all-or-nothing, so a channel is its whole mask or 0.
  return little(((r! ? mr! : 0) | (g! ? mg! : 0) | (b! ? mb! : 0)) >>> 0, bits / 8);
}

describe('BMP', () => {
  const forms: [string, Form][] = [
    ['24 bits, bottom-up', { bits: 24 }],
    ['24 bits, top-down', { bits: 24, topDown: true }],
    ['24 bits, OS/2 header', { bits: 24, os2: true }],
    ['32 bits', { bits: 32 }],
    ['32 bits, masks', { bits: 32, compression: 3, masks: [0xff, 0xff00, 0xff0000] }],
    ['32 bits, mask at the top', { bits: 32, compression: 3, masks: [0xff000000, 0xff0000, 0xff00] }],
    ['32 bits, 10-bit masks', { bits: 32, compression: 3, masks: [0x3ff00000, 0xffc00, 0x3ff] }],
    ['16 bits, 5-5-5', { bits: 16 }],
    ['16 bits, 5-6-5', { bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] }],
    ['8 bits with a palette', { bits: 8, palette: COLORS }],
    ['8 bits with an OS/2 palette', { bits: 8, os2: true, palette: [...COLORS, ...new Array(250).fill([9, 9, 9])] }],
    ['4 bits', { bits: 4, palette: COLORS, data: [0x34, 0x50, 0, 0, 0x01, 0x20, 0, 0] }],
    ['2 bits', { bits: 2, palette: COLORS.slice(0, 4), data: [0b11_01_00_00, 0, 0, 0, 0b00_01_10_00, 0, 0, 0] }],
    ['1 bit', { bits: 1, palette: COLORS.slice(0, 2), data: [0b10100000, 0, 0, 0, 0b01000000, 0, 0, 0] }],
    // A literal of three pixels (padded), end of row; three fills of one pixel, end of picture.
    ['RLE8', { bits: 8, compression: 1, palette: COLORS, data: [0, 3, 3, 4, 5, 0, 0, 0, 1, 0, 1, 1, 1, 2, 0, 1] }],
    ['RLE4', { bits: 4, compression: 2, palette: COLORS, data: [0, 3, 0x34, 0x50, 0, 0, 2, 0x01, 1, 0x20, 0, 1] }],
    // Moves: one right and one up from the first pixel of the bottom row.
    ['RLE8, moves', { bits: 8, compression: 1, palette: COLORS, data: [1, 3, 0, 2, 1, 1, 1, 2, 0, 1] }],
  ];
  const expected: Record<string, number[]> = {
    '2 bits': [0, 1, 2, 3, 1, 0].flatMap((i) => COLORS[i]!),
    '1 bit': [0, 1, 0, 1, 0, 1].flatMap((i) => COLORS[i]!),
    'RLE8, moves': [0, 0, 2, 3, 0, 0].flatMap((i) => COLORS[i]!),
  };

  test.each(forms)('%s', (name, form) => {
    const image = decodeImage(bmp(form));
    expect([image.width, image.height]).toEqual([3, 2]);
    expect([...image.data]).toEqual(expected[name] ?? PIXELS);
  });

  test.each(forms)('%s: cut off anywhere is an error of ours', (_, form) => {
    const bytes = bmp(form);
    for (let length = 2; length < bytes.length - 4; length++) {
      try {
        decodeImage(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toMatchObject({ code: 'IMAGE' });
      }
    }
  });

  test('what is not supported says so', () => {
    expect(() => decodeImage(bmp({ bits: 24, compression: 4 }))).toThrow('BMP compression 4 is not supported');
    expect(() => decodeImage(bmp({ bits: 24, compression: 1 }))).toThrow('BMP of 24 bits a pixel with compression 1');
  });
});

describe('PNG and JPEG', () => {
  test('PNG loses its alpha', () => {
    const png = new PNG({ width: 3, height: 2 });
    for (const [i, color] of COLORS.entries()) png.data.set([...color, 17], i * 4);
    const image = decodeImage(PNG.sync.write(png));
    expect([image.width, image.height, ...image.data]).toEqual([3, 2, ...PIXELS]);
  });

  test('JPEG comes close to what went in', () => {
    const data = new Uint8Array(16 * 8 * 4).map((_, i) => [200, 100, 50, 255][i % 4]!);
    const image = decodeImage(jpeg.encode({ width: 16, height: 8, data }, 95).data);
    expect([image.width, image.height, image.data.length]).toEqual([16, 8, 16 * 8 * 3]);
    image.data.forEach((x, i) => void expect(Math.abs(x - [200, 100, 50][i % 3]!)).toBeLessThan(4));
  });

  test('broken files are errors of ours', () => {
    const png = PNG.sync.write(new PNG({ width: 3, height: 2 }));
    const jpg = jpeg.encode({ width: 16, height: 8, data: new Uint8Array(16 * 8 * 4) }, 95).data;
    for (const bytes of [
      png.subarray(0, 20),
      png.subarray(0, 50),
      jpg.subarray(0, 100),
      Uint8Array.of(1, 2, 3),
      new Uint8Array(),
    ]) {
      expect(() => decodeImage(bytes)).toThrow(expect.objectContaining({ code: 'IMAGE' }));
    }
  });
});

describe('orientation', () => {
  /** A JPEG that is only its EXIF block. */
  const exif = (orientation: number, order: 'II' | 'MM') => {
    const u = (value: number, size: number) => (order === 'II' ? little(value, size) : little(value, size).reverse());
    const marks = [...order].map((c) => c.charCodeAt(0));
    const tiff = [
      ...marks,
      ...u(42, 2),
      ...u(8, 4),
      ...u(1, 2),
      ...u(0x112, 2),
      ...u(3, 2),
      ...u(1, 4),
      ...u(orientation, 2),
      0,
      0,
    ];
    const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
    return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, ...little(body.length + 2, 2).reverse(), ...body, 0xff, 0xda]);
  };

  test('is read from EXIF, in both byte orders', () => {
    expect(exifOrientation(exif(6, 'II'))).toBe(6);
    expect(exifOrientation(exif(8, 'MM'))).toBe(8);
    expect(exifOrientation(exif(99, 'MM'))).toBe(1);
    expect(exifOrientation(exif(6, 'II').subarray(0, 30))).toBe(1);
    expect(exifOrientation(Uint8Array.of(0xff, 0xd8, 0xff, 0xda))).toBe(1);
  });

  // A picture "abc/def", one letter a pixel: what each orientation's file shows when upright.
  const upright: [number, string[]][] = [
    [1, ['abc', 'def']],
    [2, ['cba', 'fed']],
    [3, ['fed', 'cba']],
    [4, ['def', 'abc']],
    [5, ['ad', 'be', 'cf']],
    [6, ['da', 'eb', 'fc']],
    [7, ['fc', 'eb', 'da']],
    [8, ['cf', 'be', 'ad']],
  ];
  test.each(upright)('%i', (orientation, lines) => {
    const data = Uint8Array.from([...'abcdef'].flatMap((letter) => [letter.charCodeAt(0), 0, 0]));
    const image = orient({ width: 3, height: 2, data }, orientation);
    const text = String.fromCharCode(...image.data.filter((_, i) => i % 3 === 0));
    expect(text.match(new RegExp(`.{${image.width}}`, 'g'))).toEqual(lines);
    expect(image.height).toBe(lines.length);
  });
});

test('luminance keeps greys and weighs colours', () => {
  const data = Uint8Array.of(0, 0, 0, 77, 77, 77, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255);
  expect([...toGrey({ width: 6, height: 1, data })]).toEqual([0, 77, 255, 76, 150, 29]);
});
