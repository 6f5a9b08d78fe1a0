import { type LoadOptions, loadModelWith, type Model } from './model/load.js';
import type { ModelSource } from './model/source.js';
import * as builtin from './ops/index.js';
import type { Operator } from './ops/operator.js';

/** Every operator that Lanelite knows. */
export const builtinOperators: readonly Operator[] = Object.values(builtin);

/**
 * Loads a `.tflite` model with all builtin operators; see `loadModelWith` for errors.
 * @param source bytes, ArrayBuffer, Response, ReadableStream, Blob, URL or string (in Node also a path)
 */
export function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  return loadModelWith(source, options, builtinOperators);
}

export type { DType, TypedArray } from './dtype.js';
export * from './errors.js';
export type { Arithmetic, Instruction, Plan } from './graph/compile.js';
export type { Build, Host } from './hosts/host.js';
export { chooseBuild, setHost, supportsBuild } from './hosts/host.js';
export {
  Interpreter,
  type InterpreterOptions,
  type MemoryInfo,
  SignatureRunner,
  type TensorDetails,
} from './interpreter.js';
export { type LoadOptions, loadModelWith, Model } from './model/load.js';
export type { AssociatedFile, ModelMetadata, TensorMetadata } from './model/metadata.js';
export type { ModelDefinition } from './model/model.js';
export type { ModelSource } from './model/source.js';
export type { Operator } from './ops/operator.js';
export type { Quantization } from './quantization.js';
export { Engine, type EngineOptions } from './runtime/engine.js';
export { Tensor, type TensorData, TensorList } from './tensor.js';
