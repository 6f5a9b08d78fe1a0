/**
 * From 8-bit pixels to the numbers that a model's image input takes: `(pixel - mean) / std` per channel, with mean and
 * standard deviation in pixel values (0 to 255), as TFLite's metadata and label_image have them.
 */
import type { DType, TypedArray } from '../dtype.js';
import { ArgumentError, LaneliteError } from '../errors.js';
import { integerRange, type Quantization, roundAway } from '../quantization.js';

export interface Normalization {
  /** One entry for all channels, or one per channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const CIFAR10: Normalization = {
  mean: [0.4914, 0.4822, 0.4465].map((x) => x * 255),
  std: [0.2023, 0.1994, 0.201].map((x) => x * 255),
};

/** Names for the usual choices. */
export const NORMALIZATIONS: Readonly<Record<string, Normalization>> = {
  /** Pixels as they are, 0 to 255. */
  raw: { mean: [0], std: [1] },
  /** 0 to 1. */
  unit: { mean: [0], std: [255] },
  /** -1 to 1: label_image's default. */
  signed: { mean: [127.5], std: [127.5] },
  /** Mean and deviation of CIFAR-10's training images. */
  cifar10: CIFAR10,
};

/** `raw`, `unit`, `signed`, `cifar10`, or numbers: `MEAN,STD` or `R,G,B,R,G,B` (three means, three deviations). */
export function parseNormalization(text: string): Normalization {
  if (Object.hasOwn(NORMALIZATIONS, text)) return NORMALIZATIONS[text]!;
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const half = numbers.length / 2;
  const std = numbers.slice(half);
  if (!(half === 1 || half === 3) || !numbers.every(Number.isFinite) || std.includes(0)) {
    throw new ArgumentError(
      `normalization '${text}': expected ${Object.keys(NORMALIZATIONS).join(', ')}, MEAN,STD or three means and three deviations`,
    );
  }
  return { mean: numbers.slice(0, half), std };
}

/** What this module must know about an input tensor. */
export interface ImageInput {
  readonly dtype: DType;
  readonly quantization: Quantization | null;
}

export interface NormalizationChoice {
  /** The caller's word, which is always obeyed. */
  readonly explicit?: Normalization | null;
  /** What the model's metadata, or the data set, says about real-valued inputs. */
  readonly stated?: Normalization | null;
}

/**
 * The conversion for an input tensor, from float pixels (0 to 255, interleaved `channels`) to its elements.
 *
 * Float inputs are normalized: by the caller's choice, else the model's, else to [-1, 1]. Eight-bit inputs take the
 * pixel itself (less 128 if signed), truncated, as label_image and the Task Library feed them: a model's input range is
 * calibrated on pixels from 0 to 255. The exceptions are the caller's explicit choice, and a stated normalization that
 * differs by channel and spans the tensor's range: these are normalized, then quantized.
 */
export function pixelConverter(
  input: ImageInput,
  channels: number,
  { explicit, stated }: NormalizationChoice = {},
): (pixels: Float32Array | Uint8Array) => TypedArray {
  const { dtype, quantization } = input;
  if (dtype === 'float32') {
    const { mean, std } = perChannel(explicit ?? stated ?? NORMALIZATIONS.signed!, channels);
    const f = Math.fround;
    return (pixels) => {
      const result = new Float32Array(pixels.length);
      for (let i = 0, c = 0; i < pixels.length; i++) {
        result[i] = f(pixels[i]! - f(mean[c]!)) / f(std[c]!);
        if (++c === channels) c = 0;
      }
      return result;
    };
  }
  if (dtype !== 'uint8' && dtype !== 'int8') {
    throw new LaneliteError('IMAGE', `the model's input is ${dtype}; pictures fit float32, uint8 and int8 inputs`);
  }
  const Result = dtype === 'uint8' ? Uint8Array : Int8Array;
  const normalization = explicit ?? (stated && quantization && spans(stated, input) ? stated : null);
  if (!normalization || !quantization) {
    const offset = dtype === 'uint8' ? 0 : 128;
    return (pixels) => {
      const result = new Result(pixels.length);
      for (let i = 0; i < pixels.length; i++) result[i] = Math.trunc(pixels[i]! - offset);
      return result;
    };
  }
  const { mean, std } = perChannel(normalization, channels);
  const [lo, hi] = integerRange(dtype);
  const scale = quantization.scale[0]!;
  const zeroPoint = quantization.zeroPoint[0]!;
  return (pixels) => {
    const result = new Result(pixels.length);
    for (let i = 0, c = 0; i < pixels.length; i++) {
      const real = (pixels[i]! - mean[c]!) / std[c]!;
      result[i] = Math.min(hi, Math.max(lo, roundAway(real / scale) + zeroPoint));
      if (++c === channels) c = 0;
    }
    return result;
  };
}

function perChannel({ mean, std }: Normalization, channels: number): Normalization {
  // A grey model with the normalization of three channels: their average is as near as one can get.
  const spread = (values: readonly number[]) => {
    if (values.length === channels) return values;
    const average = values.reduce((a, b) => a + b, 0) / values.length;
    return Array.from({ length: channels }, () => average);
  };
  return { mean: spread(mean), std: spread(std) };
}

/** Whether pixels 0 to 255, normalized channel by channel, cover just what the quantized tensor can represent. */
function spans({ mean, std }: Normalization, { dtype, quantization }: ImageInput): boolean {
  if (mean.length === 1 || !quantization || quantization.scale.length !== 1) return false;
  const [lo, hi] = integerRange(dtype).map((q) => quantization.scale[0]! * (q - quantization.zeroPoint[0]!));
  const least = Math.min(...mean.map((m, c) => -m / std[c]!));
  const most = Math.max(...mean.map((m, c) => (255 - m) / std[c]!));
  const slack = 0.05 * (hi! - lo!);
  return Math.abs(least - lo!) < slack && Math.abs(most - hi!) < slack;
}
