import { describe, expect, test } from 'vitest';
import { NORMALIZATIONS, parseNormalization, pixelConverter } from '../../bindings/tools/normalization.js';
import { resizeBilinear } from '../../bindings/tools/resize.js';

const quantization = (scale: number, zeroPoint: number) => ({
  scale: Float32Array.of(scale),
  zeroPoint: Int32Array.of(zeroPoint),
  axis: 0,
});

describe('bilinear resize', () => {
  test('the same size changes nothing', () => {
    const data = Uint8Array.from({ length: 4 * 5 * 3 }, (_, i) => (i * 37) & 255);
    expect([...resizeBilinear(data, [4, 5], [4, 5], 3)]).toEqual([...data]);
  });

  test('doubling interpolates between corners, the last row and column repeat', () => {
    const result = resizeBilinear(Uint8Array.of(0, 10, 20, 30), [2, 2], [4, 4], 1);
    expect([...result]).toEqual([0, 5, 10, 10, 10, 15, 20, 20, 20, 25, 30, 30, 20, 25, 30, 30]);
  });

  test('halving samples every other pixel', () => {
    const data = Uint8Array.from({ length: 16 }, (_, i) => i);
    expect([...resizeBilinear(data, [4, 4], [2, 2], 1)]).toEqual([0, 2, 8, 10]);
  });

  test('positions that are no binary fractions stay within the picture', () => {
    for (let to = 1; to < 400; to += 7) {
      const result = resizeBilinear(new Uint8Array(301).fill(200), [1, 301], [1, to], 1);
      for (const x of result) expect(x).toBeCloseTo(200, 3);
    }
  });
});

describe('normalization', () => {
  test('names and numbers', () => {
    expect(parseNormalization('signed')).toBe(NORMALIZATIONS.signed);
    expect(parseNormalization('127.5, 64')).toEqual({ mean: [127.5], std: [64] });
    expect(parseNormalization('1,2,3,4,5,6')).toEqual({ mean: [1, 2, 3], std: [4, 5, 6] });
    for (const bad of ['', 'x', '1', '1,0', '1,2,3', '1,,2,3', 'toString', '1,2,3,4']) {
      expect(() => parseNormalization(bad), bad).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
    }
  });

  test('float inputs: explicit, stated, or -1 to 1', () => {
    const float = { dtype: 'float32', quantization: null } as const;
    const pixels = Uint8Array.of(0, 51, 255);
    const unit = NORMALIZATIONS.unit!;
    expect([...pixelConverter(float, 3)(pixels)]).toEqual([-1, Math.fround(-0.6), 1]);
    expect([...pixelConverter(float, 3, { stated: unit })(pixels)]).toEqual([0, Math.fround(0.2), 1]);
    expect([...pixelConverter(float, 3, { stated: unit, explicit: NORMALIZATIONS.raw! })(pixels)]).toEqual([
      0, 51, 255,
    ]);
    const channels = { mean: [0, 1, 55], std: [1, 50, 100] };
    expect([...pixelConverter(float, 3, { explicit: channels })(pixels)]).toEqual([0, 1, 2]);
  });

  test('eight-bit inputs take pixels, truncated', () => {
    const pixels = Float32Array.of(0, 100.7, 200.7, 255);
    const stated = NORMALIZATIONS.signed!;
    const uint8 = { dtype: 'uint8', quantization: quantization(1 / 128, 128) } as const;
    const int8 = { dtype: 'int8', quantization: quantization(1 / 128, 0) } as const;
    expect([...pixelConverter(uint8, 1, { stated })(pixels)]).toEqual([0, 100, 200, 255]);
    expect([...pixelConverter(int8, 1, { stated })(pixels)]).toEqual([-128, -27, 72, 127]);
  });

  test('eight-bit inputs are quantized where asked', () => {
    const int8 = { dtype: 'int8', quantization: quantization(1 / 64, -10) } as const;
    const explicit = NORMALIZATIONS.signed!;
    expect([...pixelConverter(int8, 1, { explicit })(Uint8Array.of(0, 127, 128, 255))]).toEqual([-74, -10, -10, 54]);
  });

  test('a stated normalization that differs by channel and spans the tensor is applied', () => {
    const stated = NORMALIZATIONS.cifar10!;
    const spanning = { dtype: 'uint8', quantization: quantization(0.0203, 120) } as const;
    const other = { dtype: 'uint8', quantization: quantization(1, 0) } as const;
    const black = Uint8Array.of(0, 0, 0);
    expect([...pixelConverter(spanning, 3, { stated })(black)]).toEqual([0, 1, 11]);
    expect([...pixelConverter(other, 3, { stated })(black)]).toEqual([0, 0, 0]);
  });

  test('grey models average the channels of a colour normalization', () => {
    const float = { dtype: 'float32', quantization: null } as const;
    expect([...pixelConverter(float, 1, { explicit: { mean: [1, 2, 3], std: [2, 2, 2] } })(Uint8Array.of(4))]).toEqual([
      1,
    ]);
  });

  test('other types are refused', () => {
    expect(() => pixelConverter({ dtype: 'int32', quantization: null }, 3)).toThrow(/input is int32/);
  });
});
