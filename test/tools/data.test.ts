import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, test } from 'vitest';
import { cifar10, openDataset } from '../../bindings/tools/dataset.js';
import { alignLabels, labelsBeside, parseLabels } from '../../bindings/tools/labels.js';
import { statistics } from '../../bindings/tools/statistics.js';
import { bytes, count, fields, indent, milliseconds, percent, table } from '../../bindings/tools/text.js';

const folder = mkdtempSync(join(tmpdir(), 'lanelite-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('labels', () => {
  test('one a line', () => {
    expect(parseLabels('a\r\n b \nc\n\n')).toEqual(['a', 'b', 'c']);
    expect(parseLabels('\uFEFFa\n\nc')).toEqual(['a', '', 'c']);
    expect(parseLabels('')).toEqual([]);
  });

  test('numbered lines place themselves', () => {
    expect(parseLabels('0  person\n1  bicycle\n3  car')).toEqual(['person', 'bicycle', '', 'car']);
    expect(parseLabels('1: a\n2: b')).toEqual(['', 'a', 'b']);
    expect(parseLabels('3 wheeler\n1 wheeler')).toEqual(['3 wheeler', '1 wheeler']);
    expect(parseLabels('0\n1\n2')).toEqual(['0', '1', '2']);
  });

  test('lists that are one off are shifted', () => {
    const thousand = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    expect(alignLabels(thousand, 1001)[1]).toBe('c0');
    expect(alignLabels(['background', ...thousand], 1000)[0]).toBe('c0');
    expect(alignLabels(['a', 'b'], 3)).toEqual(['a', 'b']);
  });

  test('beside the model', () => {
    const model = join(folder, 'net.tflite');
    expect(labelsBeside(model)).toBeNull();
    writeFileSync(join(folder, 'net_labels.txt'), 'x\ny\n');
    expect(labelsBeside(model)?.names).toEqual(['x', 'y']);
  });
});

describe('data sets', () => {
  const record = (label: number) => {
    const bytes = new Uint8Array(3073);
    bytes[0] = label;
    bytes[1] = 10;
    bytes[1 + 1024] = 20;
    bytes[1 + 2048] = 30;
    bytes[3072] = 40;
    return bytes;
  };

  test('CIFAR-10, plain and gzipped', () => {
    const file = Buffer.concat([record(3), record(9)]);
    for (const bytes of [file, gzipSync(file)]) {
      const { samples, classes } = cifar10(bytes);
      expect(samples.map(({ label }) => classes![label])).toEqual(['cat', 'truck']);
      const { width, height, data } = samples[0]!.image();
      expect([width, height, ...data.slice(0, 3), ...data.slice(-3)]).toEqual([32, 32, 10, 20, 30, 0, 0, 40]);
    }
  });

  test('other files are refused', () => {
    expect(() => cifar10(new Uint8Array(100))).toThrow(/records of 3073 bytes, found 100/);
    expect(() => cifar10(new Uint8Array())).toThrow(/found 0 bytes/);
    expect(() => cifar10(record(10))).toThrow(/record 0 has label 10/);
    expect(() => cifar10(gzipSync(record(1)).subarray(0, 30))).toThrow(expect.objectContaining({ code: 'DATASET' }));
    expect(() => openDataset(join(folder, 'nowhere'))).toThrow(/cannot open/);
  });

  test('folders of pictures', () => {
    const root = join(folder, 'pictures');
    const png = PNG.sync.write(new PNG({ width: 2, height: 1 }));
    for (const name of ['red_fox', 'Cat']) {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, 'a.png'), png);
      writeFileSync(join(root, name, 'notes.md'), '');
    }
    const labelsOf = (labels: string[] | null) => openDataset(root, labels).samples.map(({ label }) => label);
    expect(labelsOf(['dog', 'cat', 'red fox'])).toEqual([1, 2]);
    expect(labelsOf(null)).toEqual([0, 1]);
    expect(() => labelsOf(['cat'])).toThrow(/'red_fox' is not among/);
    expect(openDataset(root).samples[0]!.image()).toMatchObject({ width: 2, height: 1 });
  });
});

describe('numbers and tables', () => {
  test('statistics', () => {
    expect(statistics([3, 1, 2])).toEqual({ count: 3, min: 1, median: 2, p95: 2.9, mean: 2, max: 3 });
    expect(statistics([1, 2]).median).toBe(1.5);
  });

  test('units', () => {
    expect([0, 1023, 1024, 15_000, 3_610_798].map(bytes)).toEqual([
      '0 B',
      '1023 B',
      '1.00 KiB',
      '14.6 KiB',
      '3.44 MiB',
    ]);
    expect([999, 1000, 300_800_000].map(count)).toEqual(['999', '1.00 K', '301 M']);
    expect([0.01234, 0.4567, 1.2345, 12.345, 123.45].map(milliseconds)).toEqual([
      '12.3 µs',
      '457 µs',
      '1.234 ms',
      '12.35 ms',
      '123.5 ms',
    ]);
    expect([percent(1, 8), percent(1, 0)]).toEqual(['12.5 %', '–']);
  });

  test('tables', () => {
    const columns = [{ title: 'name' }, { title: 'n', align: 'right' }] as const;
    expect(
      table(columns, [
        ['a', '10'],
        ['longer', '9'],
      ]),
    ).toBe('name     n\na       10\nlonger   9');
    expect(
      fields([
        ['a', '1'],
        ['long', ''],
      ]),
    ).toBe('a     1\nlong');
    expect(indent('a\n\nb')).toBe('  a\n\n  b');
  });
});
