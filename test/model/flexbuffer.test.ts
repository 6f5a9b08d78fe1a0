import { encode } from 'flatbuffers/js/flexbuffers.js';
import { describe, expect, test } from 'vitest';
import { LaneliteError, ModelFormatError } from '../../bindings/errors.js';
import { readFlexbuffer, readFlexMap } from '../../bindings/model/flexbuffer.js';
import { Rng } from '../support/random.js';

const OPTIONS = {
  small: -3,
  large: 123456789,
  half: 0.5,
  yes: true,
  no: false,
  none: null,
  text: 'naïve',
  empty: '',
  integers: [1, 2, 300],
  mixed: [1, 'two', [3.5, null]],
  map: { inner: 1 },
};

describe('flexbuffers', () => {
  test('read what the reference encoder writes', () => {
    expect({ ...readFlexMap(encode(OPTIONS)) }).toMatchObject(OPTIONS);
    for (const value of [7, 2 ** 40, -(2 ** 40), -1.5, 1 / 3, true, 'x', null, [1, 2], ['a', 1], [true, false]]) {
      expect(readFlexbuffer(encode(value))).toEqual(value);
    }
  });

  test('long vectors and maps take wider offsets', () => {
    const map = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, i * 1000]));
    expect({ ...readFlexMap(encode(map)) }).toEqual(map);
  });

  test('no options are an empty map', () => {
    expect(readFlexMap(null)).toEqual({});
    expect(readFlexMap(new Uint8Array())).toEqual({});
  });

  test('keys can not reach the prototype of objects', () => {
    const map = readFlexMap(encode(JSON.parse('{"__proto__": 1}')));
    expect(Object.getPrototypeOf(map)).toBe(null);
    expect(readFlexMap(encode({ a: 1 })).toString).toBe(undefined);
  });

  test('what is not a map is refused as options', () => {
    expect(() => readFlexMap(encode([1]))).toThrow(ModelFormatError);
    expect(() => readFlexMap(Uint8Array.of(1, 2, 3))).toThrow(ModelFormatError);
  });

  test('broken bytes end in our own error', () => {
    const bytes = encode(OPTIONS);
    const rng = new Rng(1);
    for (let i = 0; i < 20_000; i++) {
      const broken = bytes.slice(0, rng.bool(0.2) ? rng.int(0, bytes.length) : bytes.length);
      for (let k = rng.int(1, 4); k > 0 && broken.length; k--) broken[rng.int(0, broken.length - 1)] = rng.word();
      try {
        readFlexbuffer(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(LaneliteError);
      }
    }
  });
});
