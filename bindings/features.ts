// What a selective build may leave out beside operators and kernels (tools/build.ts sets these by its models). Bundlers see
// constants, so that nothing of it is in the other bundles.

/** `.tflite` models are compiled; without this, there are only those of `lanelite compile`. */
export const COMPILER: boolean = true;
/** Standard operators compute with float32. */
export const FLOATS: boolean = true;
/** Standard operators compute with 8 bits. */
export const BYTES: boolean = true;
/** float16 tensors have numbers. */
export const HALVES: boolean = true;
/** Plans run on several threads. */
export const THREADS: boolean = true;
/** Operators are loaded when a model needs them. */
export const ON_DEMAND: boolean = true;
