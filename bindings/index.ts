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
export { type LoadOptions, loadModel, Model } from './model/load.js';
export type { AssociatedFile, ModelMetadata, TensorMetadata } from './model/metadata.js';
export type { ModelDefinition } from './model/model.js';
export type { ModelSource } from './model/source.js';
export {
  type CustomCall,
  type CustomLowering,
  type CustomOp,
  type CustomOutput,
  type CustomTensor,
  type CustomValue,
  type KernelArgument,
  type KernelCall,
  type KernelMemory,
  registerCustomOp,
} from './ops/custom-op.js';
export type { Operator } from './ops/operator.js';
export { standardRegistry } from './ops/registry.js';
export type { Quantization } from './quantization.js';
export { Engine, type EngineOptions } from './runtime/engine.js';
export { Tensor, type TensorData, type TensorList } from './tensor.js';
