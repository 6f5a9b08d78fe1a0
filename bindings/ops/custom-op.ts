import type { DType, TypedArray } from '../dtype.js';
import type { Quantization } from '../quantization.js';

/** An input of a custom operator. */
export interface CustomTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** `real = scale * (q - zeroPoint)`; null where the tensor is not quantized. */
  readonly quantization: Quantization | null;
  /** The elements, of which this is a copy. float16 shows as Uint16Array, complex64 as pairs in a Float32Array. */
  readonly data: TypedArray;
  /** The same of a string tensor; empty for others. */
  readonly strings: string[];
}

/** An output: `run` fills `data`, which is zero before, or `strings`, which are empty. */
export type CustomOutput = CustomTensor;

/** What a node of the model gives its operator. */
export interface CustomCall {
  /** null is an omitted optional input. */
  readonly inputs: readonly (CustomTensor | null)[];
  /** The flexbuffer in the node's custom options, decoded; {} where there are none. */
  readonly options: unknown;
  /** The custom options as they are. */
  readonly customOptions: Uint8Array | null;
  readonly version: number;
}

/** A custom operator in JavaScript. */
export interface CustomOp {
  /**
   * Shapes of the outputs. If it reads neither `data` nor `strings` of an input, they are known before the model runs; otherwise it is called in
   * each run. Throw for inputs that `run` cannot take.
   */
  infer(call: CustomCall): readonly (readonly number[])[];
  /** Fills the outputs. Called once a run, with views that are good for this call alone. */
  run(call: CustomCall & { readonly outputs: readonly CustomOutput[] }): void;
}

/** By custom code. */
export const customOps = new Map<string, CustomOp>();

/**
 * Makes a custom operator known to all models that are loaded from now on. It runs on the calling thread, between the
 * kernels before and behind it. Replaces what had the name before.
 */
export function registerCustomOp(name: string, op: CustomOp): void {
  customOps.set(name, op);
}
