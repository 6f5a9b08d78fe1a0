import { byteLength, type DType, elementCount, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import type { QuantizationSpec, TensorSpec } from './spec.js';

/** Seeded generator (xorshift32) with the draws that specifications need. */
export class Rng {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
    for (let i = 0; i < 4; i++) this.word();
  }

  /** 32 random bits. */
  word(): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s >>> 0;
    return this.#state;
  }

  /** Real number in [0, 1). */
  real(): number {
    return this.word() / 2 ** 32;
  }

  uniform(lo: number, hi: number): number {
    return lo + (hi - lo) * this.real();
  }

  /** Integer in lo..hi, both included. */
  int(lo: number, hi: number): number {
    return lo + Math.floor(this.real() * (hi - lo + 1));
  }

  bool(probability = 0.5): boolean {
    return this.real() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  /** A dimension: small, around multiples of vector widths, or prime. */
  dim(max = 40): number {
    return Math.min(max, this.pick([1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 19, 23, 31, 32, 33, 37]));
  }

  /** Per-tensor quantization that covers about [-range, range] or [0, range], with zero points at the ends at times. */
  quantization(dtype: DType, range = 4): QuantizationSpec {
    if (dtype === 'int16') return { scale: [Math.fround(this.uniform(0.5, 1.5) * (range / 32768))], zeroPoint: [0] };
    const [lo, hi] = dtype === 'uint8' ? [0, 255] : [-128, 127];
    const zeroPoint = this.pick([lo, hi, lo + 128, this.int(lo, hi), this.int(lo, hi)]);
    return { scale: [Math.fround(this.uniform(0.5, 1.5) * (range / 128))], zeroPoint: [zeroPoint] };
  }

  /** Symmetric per-channel quantization for weights. */
  channelQuantization(channels: number, axis: number, range = 1): QuantizationSpec {
    const scale = Array.from({ length: channels }, () => Math.fround(this.uniform(0.1, 1) * (range / 127)));
    return { scale, zeroPoint: scale.map(() => 0), axis };
  }

  /** Elements over the dtype's whole range (floats: normal-ish in [-range, range]). */
  data(dtype: DType, shape: readonly number[], range = 4): TypedArray {
    const { BYTES_PER_ELEMENT: size } = typedArrayOf(dtype);
    const out = new (typedArrayOf(dtype))(byteLength(dtype, elementCount(shape)) / size);
    for (let i = 0; i < out.length; i++) {
      if (out instanceof Float32Array || out instanceof Float64Array) out[i] = this.uniform(-range, range);
      else if (out instanceof BigInt64Array) out[i] = BigInt(this.int(-1000, 1000));
      else if (out instanceof BigUint64Array) out[i] = BigInt(this.int(0, 1000));
      else if (dtype === 'bool') out[i] = this.int(0, 1);
      else if (dtype === 'int32') out[i] = this.int(-1000, 1000);
      else if (dtype === 'bfloat16') out[i] = (this.int(0, 1) << 15) | (this.int(120, 129) << 7) | this.int(0, 127);
      else if (dtype === 'float16') out[i] = (this.int(0, 1) << 15) | (this.int(8, 17) << 10) | this.int(0, 1023);
      else out[i] = this.word();
    }
    return out;
  }

  tensor(dtype: DType, shape: readonly number[], extra: Partial<TensorSpec> = {}): TensorSpec {
    return { dtype, shape, data: this.data(dtype, shape), ...extra };
  }
}
