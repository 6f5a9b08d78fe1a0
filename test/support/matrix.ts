// What the references of matrix products share: requantization with one rounding, run-time quantization, random weights.
import type { DType } from '../../bindings/dtype.js';
import { elementCount } from '../../bindings/dtype.js';
import { quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { PACKED } from './packed.js';
import type { Rng } from './random.js';
import type { QuantizationSpec, ReferenceTensor, TensorSpec } from './spec.js';
import { activateQuantized, asymmetric, multiplyByQuantizedMultiplier, multiplyWide } from './window.js';

const { fround } = Math;

/** x * real with one rounding, half up: what ruy, TFLite's library for products of int8 matrices, does. */
export function multiplyOnce(x: number, real: number): number {
  const { multiplier, shift } = quantizeMultiplier(real);
  const total = BigInt(31 - shift);
  return Number((BigInt(x) * BigInt(multiplier) + (1n << (total - 1n))) >> total);
}

/** From a sum of products (bias included) to the output element: int8 rounds once, uint8 twice, int16 its own way. */
export function requantizeProduct(
  sum: number,
  real: number,
  dtype: DType,
  y: { dtype: DType; quantization?: QuantizationSpec },
  activation: string | undefined,
): number {
  const multiply = { int8: multiplyOnce, uint8: multiplyByQuantizedMultiplier }[dtype as 'int8' | 'uint8'];
  const scaled = multiply ? multiply(sum, real) : multiplyWide(BigInt(sum), real);
  return activateQuantized(activation, y.dtype, y.quantization!, scaled + y.quantization!.zeroPoint[0]!);
}

/** A run of floats as int8, symmetric or asymmetric, with the scale that TFLite's hybrid kernels derive. */
export function quantizeRun(x: Float32Array, isAsymmetric: boolean) {
  const largest = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const { scale, zeroPoint } = isAsymmetric
    ? asymmetric(x)
    : { scale: largest ? fround(largest / 127) : 1, zeroPoint: 0 };
  const inverse = isAsymmetric ? fround(1 / scale) : largest ? fround(127 / largest) : 1;
  const least = isAsymmetric ? -128 : -127;
  const quantize = (v: number) => roundAway(fround(fround(v * inverse) + zeroPoint));
  return { q: Array.from(x, (v) => Math.min(Math.max(quantize(v), least), 127)), scale, zeroPoint };
}

/** The scale of channel `c`, which may be one for all. */
export function scaleOf({ quantization }: { quantization?: QuantizationSpec }, c: number): number {
  const { scale } = quantization!;
  return fround(scale[scale.length === 1 ? 0 : c]!);
}

export interface Form {
  readonly x: DType;
  readonly w: DType;
  readonly perChannel: boolean;
  /** Of the weights; one that the types allow if omitted. */
  readonly zeroPoint?: number;
}

export const isFloat = (dtype: DType) => dtype === 'float32' || dtype === 'float16';

/** All forms that CONV_2D and FULLY_CONNECTED share. */
export const FORMS: readonly Form[] = [
  { x: 'float32', w: 'float32', perChannel: false },
  { x: 'float16', w: 'float16', perChannel: false },
  { x: 'uint8', w: 'uint8', perChannel: false },
  { x: 'int8', w: 'int8', perChannel: true },
  { x: 'int8', w: 'int8', perChannel: false },
  { x: 'int8', w: 'int4', perChannel: true },
  { x: 'float32', w: 'int8', perChannel: true },
  { x: 'float32', w: 'int8', perChannel: false },
  { x: 'float32', w: 'int4', perChannel: true },
  { x: 'int8', w: 'int2', perChannel: true },
  { x: 'float32', w: 'int2', perChannel: false },
  { x: 'float32', w: 'uint8', perChannel: false },
  { x: 'int16', w: 'int8', perChannel: true },
];

/** Random weights [channels, …], bias [channels] and output of a form; output ranges fit sums over `k` products. */
export function randomWeights(rng: Rng, form: Form, shape: readonly number[], constant: boolean) {
  const channels = shape[0]!;
  const k = elementCount(shape) / channels;
  if (isFloat(form.w)) {
    const w = rng.tensor(form.w, shape, { constant });
    return {
      w,
      bias: rng.tensor(form.w, [channels], { constant }),
      y: { dtype: form.x, shape: [] } as TensorSpec,
    };
  }
  const quantization: QuantizationSpec = form.perChannel
    ? rng.channelQuantization(channels, 0)
    : {
        scale: [fround(rng.uniform(0.001, 0.01))],
        zeroPoint: [form.zeroPoint ?? (form.x === 'uint8' ? rng.pick([0, 255, 119, 140]) : 0)],
      };
  const packed = PACKED.includes(form.w);
  const w: TensorSpec = {
    dtype: form.w,
    shape,
    quantization,
    data: rng.data(form.w, shape),
    constant,
  };
  if (isFloat(form.x)) {
    return {
      w,
      bias: rng.tensor('float32', [channels], { constant }),
      y: { dtype: form.x, shape: [] } as TensorSpec,
    };
  }
  const bias = rng.tensor(form.x === 'int16' ? 'int64' : 'int32', [channels], {
    constant: constant || form.x === 'int16',
  });
  // Mostly ranges that the sums fill, at times so narrow that multipliers pass 1.
  const range = rng.pick([1, 1, 1, 0.02]) * Math.sqrt(k) * (packed ? 0.1 : 1);
  return { w, bias, y: { dtype: form.x, shape: [], quantization: rng.quantization(form.x, range) } as TensorSpec };
}

export type { ReferenceTensor };
