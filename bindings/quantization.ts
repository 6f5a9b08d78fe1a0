import { type DType, elementBits } from './dtype.js';

/**
 * Affine quantization of a tensor: `real = scale[c] * (q - zeroPoint[c])`, where `c` runs along `axis`
 * (one entry: per tensor). Source: TensorFlow Lite 8-bit quantization specification.
 */
export interface Quantization {
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
  readonly axis: number;
}

/** A positive real number as `multiplier * 2^(shift - 31)`, with `multiplier` in [2^30, 2^31). */
export interface FixedPointMultiplier {
  readonly multiplier: number;
  readonly shift: number;
}

/** `value = fraction * 2^exponent`, fraction in [0.5, 1), as C's frexp. */
export function frexp(value: number): [fraction: number, exponent: number] {
  let exponent = 0;
  if (value === 0 || !Number.isFinite(value)) return [value, exponent];
  for (; Math.abs(value) >= 1; exponent++) value /= 2;
  for (; Math.abs(value) < 0.5; exponent--) value *= 2;
  return [value, exponent];
}

/** C's `round`: half away from zero (JavaScript's rounds half up). */
export function roundAway(x: number): number {
  return x < 0 ? -Math.round(-x) : Math.round(x);
}

/**
 * TFLite's QuantizeMultiplier: the fixed-point form of a real multiplier.
 * Multipliers below 2^-32 become 0, as in the reference kernels.
 */
export function quantizeMultiplier(real: number): FixedPointMultiplier {
  let [fraction, shift] = frexp(real);
  let multiplier = roundAway(fraction * 2 ** 31);
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    shift++;
  }
  if (shift < -31) multiplier = shift = 0;
  if (shift > 30) {
    shift = 30;
    multiplier = 2 ** 31 - 1;
  }
  return { multiplier, shift };
}

/** Smallest and largest value of an integer type. */
export function integerRange(dtype: DType): [lo: number, hi: number] {
  if (!/^u?int/.test(dtype)) throw new TypeError(`${dtype} is not an integer type`);
  const values = 2 ** elementBits(dtype);
  return dtype[0] === 'u' ? [0, values - 1] : [-values / 2, values / 2 - 1];
}

export type Activation = 'NONE' | 'RELU' | 'RELU_N1_TO_1' | 'RELU6' | 'TANH' | 'SIGN_BIT';

/** Clamp limits of a fused activation on real numbers; TANH and SIGN_BIT are not clamps. */
export function activationRange(activation: Activation): [lo: number, hi: number] {
  switch (activation) {
    case 'RELU':
      return [0, Number.POSITIVE_INFINITY];
    case 'RELU6':
      return [0, 6];
    case 'RELU_N1_TO_1':
      return [-1, 1];
    default:
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }
}

/** Clamp limits of a fused activation, if there is one, in the quantized domain (TFLite's CalculateActivationRangeQuantized). */
export function quantizedActivationRange(
  activation: Activation,
  dtype: DType,
  quantization: Quantization | null,
): [lo: number, hi: number] {
  const [min, max] = integerRange(dtype);
  const quantize = (x: number) => quantization!.zeroPoint[0]! + roundAway(Math.fround(x / quantization!.scale[0]!));
  const [lo, hi] = activationRange(activation);
  return [
    Number.isFinite(lo) ? Math.max(min, quantize(lo)) : min,
    Number.isFinite(hi) ? Math.min(max, quantize(hi)) : max,
  ];
}

/**
 * TFLite's MultiplyByQuantizedMultiplier for int32 x: x * multiplier * 2^(shift - 31), with a doubling high multiply
 * that rounds halves up, then a shift that rounds halves away from zero.
 */
export function multiplyByQuantizedMultiplier(x: number, multiplier: number, shift: number): number {
  const shifted = x << Math.max(0, shift);
  // The 62-bit product in two parts, each exact in a double.
  const low = shifted * (multiplier & 0xffff) + 2 ** 30;
  const high = Math.floor((shifted * (multiplier >> 16) + Math.floor(low / 2 ** 16)) / 2 ** 15);
  return shift < 0 ? roundAway(high / 2 ** -shift) : high;
}
