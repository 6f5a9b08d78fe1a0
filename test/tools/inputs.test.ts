import { describe, expect, test } from 'vitest';
import type { DType } from '../../bindings/dtype.js';
import { generateInput, xorshift32 } from '../../bindings/tools/inputs.js';

describe('generated inputs', () => {
  test('xorshift32 gives the published stream of state 1', () => {
    const next = xorshift32(1);
    expect([next(), next(), next()]).toEqual([270369, 67634689, 2647435461]);
  });

  test('state 0, which would stay 0, becomes 1', () => {
    expect(xorshift32(0)()).toBe(270369);
    const seed = -0x9e3779b9;
    expect([...generateInput(seed, 0, 'uint32', 3)]).toEqual([9, 9, 1]);
  });

  test('every input has its own stream', () => {
    expect([...generateInput(1, 0, 'uint8', 8)]).not.toEqual([...generateInput(1, 1, 'uint8', 8)]);
  });

  const words = (() => {
    const next = xorshift32(7 + 0x9e3779b9);
    return Array.from({ length: 1000 }, next);
  })();
  const rules: [DType, (x: number) => number | bigint][] = [
    ['float32', (x) => (x >>> 8) / 8388608 - 1],
    ['uint8', (x) => x >>> 24],
    ['int8', (x) => (x | 0) >> 24],
    ['uint16', (x) => x >>> 16],
    ['int16', (x) => (x | 0) >> 16],
    ['int32', (x) => x % 10],
    ['int64', (x) => BigInt(x % 10)],
    ['bool', (x) => x >>> 31],
  ];
  test.each(rules)('%s elements follow the rule', (dtype, rule) => {
    expect([...generateInput(7, 0, dtype, words.length)]).toEqual(words.map(rule));
  });

  test('float16 is the nearest half, to even', () => {
    const decode = (h: number) => {
      const exponent = (h >> 10) & 31;
      const mantissa = h & 1023;
      const magnitude = exponent ? (1024 + mantissa) * 2 ** (exponent - 25) : mantissa * 2 ** -24;
      return h & 0x8000 ? -magnitude : magnitude;
    };
    const halves = generateInput(7, 0, 'float16', words.length) as Uint16Array;
    words.forEach((word, i) => {
      const value = (word >>> 8) / 8388608 - 1;
      const error = Math.abs(decode(halves[i]!) - value);
      for (const other of [halves[i]! + 1, halves[i]! - 1]) {
        const distance = Math.abs(decode(other) - value);
        expect(error < distance || (error === distance && halves[i]! % 2 === 0)).toBe(true);
      }
    });
  });

  test('types without a rule are refused', () => {
    expect(() => generateInput(1, 0, 'string', 1)).toThrow(/no rule to generate inputs of type string/);
  });
});
