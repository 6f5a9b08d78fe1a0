import { expect, test } from 'vitest';
import { floatToHalf, halfToFloat } from '../bindings/half.js';

test('all halves survive the way to float and back', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfToFloat(bits);
    if (Number.isNaN(value)) expect(halfToFloat(floatToHalf(value))).toBeNaN();
    else expect(floatToHalf(value)).toBe(bits);
  }
});

test('rounds to the nearest half, ties to even', () => {
  expect(floatToHalf(1 + 2 ** -11)).toBe(0x3c00);
  expect(floatToHalf(1 + 3 * 2 ** -11)).toBe(0x3c02);
  expect(floatToHalf(65519)).toBe(0x7bff);
  expect(floatToHalf(65520)).toBe(0x7c00);
  expect(floatToHalf(2 ** -25)).toBe(0);
  expect(floatToHalf(2 ** -25 * 1.01)).toBe(1);
  expect(floatToHalf(-0)).toBe(0x8000);
});
