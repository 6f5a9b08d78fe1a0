// What the references of sliding-window operators share: geometry, fused activations and requantization, in plain TypeScript.
import { type DType, elementCount, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import type { OperatorOptions } from '../../bindings/model/model.js';
import { integerRange, quantizeMultiplier, roundAway } from '../../bindings/quantization.js';
import { PACKED, unpack } from './packed.js';
import type { Rng } from './random.js';
import type { QuantizationSpec, ReferenceTensor } from './spec.js';

const { fround } = Math;

/** Output size and leading padding along one axis. */
export function slide(
  { padding, pads }: OperatorOptions,
  axis: 'h' | 'w',
  input: number,
  kernel: number,
  stride: number,
  dilation = 1,
): { size: number; before: number } {
  const reach = (kernel - 1) * dilation + 1;
  // As C divides: a window that is a bit too large leaves nothing.
  const sizeOf = (n: number) => Math.trunc((n - reach + stride) / stride);
  if (padding === 'VALID') return { size: sizeOf(input), before: 0 };
  if (padding === 'SAME') {
    const size = Math.ceil(input / stride);
    return { size, before: Math.floor(Math.max(0, (size - 1) * stride + reach - input) / 2) };
  }
  const [before, after] = axis === 'h' ? [pads.top, pads.bottom] : [pads.left, pads.right];
  return { size: sizeOf(before + input + after), before };
}

/** Position of [n, y, x, c] in a tensor of rank 4. */
export function at(shape: readonly number[], n: number, y: number, x: number, c: number): number {
  return ((n * shape[1]! + y) * shape[2]! + x) * shape[3]! + c;
}

const LIMITS: Record<string, [number, number]> = { RELU: [0, Infinity], RELU6: [0, 6], RELU_N1_TO_1: [-1, 1] };

export function activate(activation: string | undefined, x: number): number {
  const [lo, hi] = LIMITS[activation ?? 'NONE'] ?? [-Infinity, Infinity];
  return Math.min(Math.max(x, lo), hi);
}

/** The fused activation in the quantized domain: its limits, quantized, within the type's range. */
export function activateQuantized(
  activation: string | undefined,
  dtype: DType,
  { scale, zeroPoint }: QuantizationSpec,
  q: number,
): number {
  const [least, most] = integerRange(dtype);
  const [lo, hi] = LIMITS[activation ?? 'NONE'] ?? [-Infinity, Infinity];
  const quantize = (x: number) => (Number.isFinite(x) ? zeroPoint[0]! + roundAway(fround(x / fround(scale[0]!))) : x);
  return Math.min(Math.max(q, least, quantize(lo)), most, quantize(hi));
}

/** TFLite's MultiplyByQuantizedMultiplier: a doubling high multiply, then a rounding shift, each rounding on its own. */
export function multiplyByQuantizedMultiplier(x: number, real: number): number {
  const { multiplier, shift } = quantizeMultiplier(real);
  const shifted = BigInt.asIntN(32, BigInt(x) << BigInt(Math.max(0, shift)));
  const high = Number((shifted * BigInt(multiplier) + (1n << 30n)) >> 31n);
  return shift < 0 ? roundAway(high / 2 ** -shift) : high;
}

/** Its form for 64-bit accumulators: 16 bits of the multiplier, one rounding (half up). */
export function multiplyWide(x: bigint, real: number): number {
  const { multiplier, shift } = quantizeMultiplier(real);
  const reduced = multiplier < 0x7fff0000 ? (multiplier + 2 ** 15) >> 16 : 0x7fff;
  const total = BigInt(15 - shift);
  return Number((x * BigInt(reduced) + (1n << (total - 1n))) >> total);
}

/** Weight scale of channel `c`; one may stand for all. */
export function channelScale({ quantization }: { quantization?: QuantizationSpec }, c: number): number {
  const { scale } = quantization!;
  return fround(scale[scale.length === 1 ? 0 : c]!);
}

/** Real multiplier of channel `c`: input scale * weight scale / output scale; uint8 rounds the product to float32. */
export function realMultiplier(
  x: { dtype: DType; quantization?: QuantizationSpec },
  w: { quantization?: QuantizationSpec },
  y: { quantization?: QuantizationSpec },
  c: number,
): number {
  const product = fround(x.quantization!.scale[0]!) * channelScale(w, c);
  return (x.dtype === 'uint8' ? fround(product) : product) / fround(y.quantization!.scale[0]!);
}

/** From the sum of products of channel `c` (without bias) to the output element, for every integer type. */
export function requantizeSum(
  sum: number,
  bias: number | bigint,
  x: ReferenceTensor,
  w: ReferenceTensor,
  y: { dtype: DType; quantization?: QuantizationSpec },
  c: number,
  activation: string | undefined,
): number {
  const real = realMultiplier(x, w, y, c);
  const scaled =
    x.dtype === 'int16'
      ? multiplyWide(BigInt(sum) + BigInt(bias), real)
      : multiplyByQuantizedMultiplier(sum + Number(bias), real) + y.quantization!.zeroPoint[0]!;
  return activateQuantized(activation, y.dtype, y.quantization!, scaled);
}

/** Weights as integers, those of a few bits unpacked; uint8 ones of float32 activations are int8 in truth. */
export function integers(w: ReferenceTensor, x?: ReferenceTensor): ArrayLike<number> {
  if (PACKED.includes(w.dtype)) return unpack(w.dtype, w.data, elementCount(w.shape));
  return w.dtype === 'uint8' && x?.dtype === 'float32' ? Int8Array.from(w.data as Uint8Array) : (w.data as Int8Array);
}

/** One scale and zero point for int8 over a batch of floats, which TFLite's hybrid kernels derive at run time. */
export function asymmetric(x: ArrayLike<number>): { scale: number; zeroPoint: number } {
  const lo = Math.min(0, ...Array.from(x));
  const hi = Math.max(0, ...Array.from(x));
  if (lo === hi) return { scale: 1, zeroPoint: 0 };
  const scale = (hi - lo) / 255;
  const zero = 128 + Math.abs(lo / scale) < 127 + Math.abs(hi / scale) ? -128 - lo / scale : 127 - hi / scale;
  return { scale: fround(scale), zeroPoint: Math.min(Math.max(roundAway(zero), -128), 127) };
}

/** A float as int8, by such a scale and zero point. */
export function quantizeActivation(x: number, scale: number, zeroPoint: number): number {
  const q = roundAway(fround(fround(x * fround(1 / scale)) + zeroPoint));
  return Math.min(Math.max(q, -128), 127);
}

export function empty(dtype: DType, length: number): TypedArray {
  return new (typedArrayOf(dtype))(length);
}

/** Random options of a window: sizes such that at least one output fits into `height` x `width`. */
export function randomWindow(rng: Rng, dilate: boolean) {
  const kernel = [rng.int(1, 5), rng.int(1, 5)] as const;
  const dilation = dilate && rng.bool(0.4) ? ([rng.int(1, 3), rng.int(1, 3)] as const) : ([1, 1] as const);
  const options = {
    padding: rng.pick(['SAME', 'VALID']),
    strideH: rng.pick([1, 1, 2, 3]),
    strideW: rng.pick([1, 1, 2, 3]),
    // What is no clamp is nothing to convolutions and pools.
    fusedActivationFunction: rng.pick(['NONE', 'NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1', 'TANH', 'SIGN_BIT']),
  };
  const height = (kernel[0] - 1) * dilation[0] + rng.int(1, 9);
  const width = (kernel[1] - 1) * dilation[1] + rng.int(1, 14);
  return { kernel, dilation, options, height, width };
}
