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

/** A tensor whose elements are not there yet. */
export type CustomValue = Omit<CustomTensor, 'data' | 'strings'>;

/** What `lower` is asked: the node, its outputs, and working memory. */
export interface CustomLowering extends CustomCall {
  /** With the shapes that `infer` gave. */
  readonly outputs: readonly CustomValue[];
  /** Working memory of one kernel call, in bytes, of which each thread has its own; undefined before and after. */
  scratch(bytes: number): KernelMemory;
  /** Memory for what one of the node's kernel calls leaves to a later one, in bytes; all threads see the same. */
  temporary(bytes: number): KernelMemory;
}

/** Memory that `lower` asked for. */
export interface KernelMemory {
  readonly scratch: true;
  readonly bytes: number;
}

/**
 * An argument of a kernel: a number as it is (i32, f32 or f64); a tensor of the call by its address, 0 for an omitted input;
 * `scratch` or `temporary` memory by its address; the elements of a typed array by the address of a constant copy, a multiple of 16.
 */
export type KernelArgument = number | CustomValue | null | KernelMemory | TypedArray;

/** A call of a kernel: an AssemblyScript function that `lanelite build --kernels FILE` compiled and that FILE exports. */
export interface KernelCall {
  /** Name of the export. */
  readonly kernel: string;
  /** All but the kernel's last two, `begin: i32, end: i32`: the half-open range of units to do. */
  readonly args: readonly KernelArgument[];
  /** Independent parts of the work, such as elements or rows, 2^31 - 1 at most. Threads share them out; any split must give the same bytes. */
  readonly units: number;
}

/** What custom operators in JavaScript and in kernels have in common. */
interface CustomOpBase {
  /**
   * Shapes of the outputs. If it reads neither `data` nor `strings` of an input, they are known before the model runs; otherwise it is called in
   * each run. With kernels, what follows is compiled for the elements read, and kept for the last few: read small tensors. Throw for inputs that the operator cannot take.
   */
  infer(call: CustomCall): readonly (readonly number[])[];
  /** Multiply-accumulates of one run, for profiles, and to tell whether threads pay; elements alone count where it is missing. */
  macs?(call: { readonly inputs: readonly (CustomValue | null)[]; readonly outputs: readonly CustomValue[] }): number;
}

/** Computes in JavaScript. Fills the outputs. Called once a run, with views that are good for this call alone. */
type Run = (call: CustomCall & { readonly outputs: readonly CustomOutput[] }) => void;

/**
 * Computes in kernels of one's own: gives their calls in order, or null where they have none for this form (a dtype, say) and `run`
 * takes it. Called when a model is compiled, more than once; `data` of an input that is not constant ends a segment as it
 * does in `infer`. Kernels may read 15 bytes beyond an input, and must write nothing but outputs and working memory. One that
 * returns i32 returns a status: 0, or 1 where an index is out of range, which makes the run throw InvalidOperatorError.
 */
type Lower = (call: CustomLowering) => KernelCall | readonly KernelCall[] | null;

/**
 * A custom operator: in JavaScript (`run`), in kernels (`lower`), or in both. `run` is used where the kernels that `lower` names
 * are not in the runtime; without it, such models are refused by UnsupportedOperatorError. Nodes with string tensors go to `run`.
 */
export type CustomOp = CustomOpBase & ({ run: Run; lower?: Lower } | { run?: Run; lower: Lower });

/** By custom code. */
export const customOps = new Map<string, CustomOp>();

/**
 * Makes a custom operator known to all models that are loaded from now on. Its `run` is called on the calling thread, between the
 * kernels before and behind it; its kernels run as all others. Replaces what had the name before.
 */
export function registerCustomOp(name: string, op: CustomOp): void {
  customOps.set(name, op);
}
