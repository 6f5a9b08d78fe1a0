// LiteRT.js (@litertjs/core) through the classes that its wasm exports: the public API refuses int8 tensors, these do not,
// and nothing between them and the clock belongs to this bench. Variants: the builds' file names.
import { type Instantiate, runScript } from './contender.js';

interface Deletable {
  delete(): void;
}
interface Vector<T> extends Deletable {
  size(): number;
  get(index: number): T;
}
interface TensorType extends Deletable {
  elementType(): unknown;
  bytes(): number;
}
interface TensorBuffer extends Deletable {
  lock(mode: unknown): number;
  unlock(): void;
  packedSize(): number;
}
interface Model extends Deletable {
  getSignature(index: number): Deletable & { inputNames(): Vector<string>; outputNames(): Vector<string> };
  getInputTensorType(signature: number, input: number): TensorType;
}
interface CompiledModel extends Deletable {
  run(signature: number, inputs: TensorBuffer[]): TensorBuffer[] | Promise<TensorBuffer[]>;
}
interface Wasm {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  setupLogging(): void;
  getThreadCount(): number;
  loadModel(environment: unknown, address: number, size: number): Model;
  compileModel(environment: unknown, model: Model, options: object): CompiledModel | Promise<CompiledModel>;
  readonly LiteRtEnvironment: { create(device: null): unknown };
  readonly LiteRtTensorBuffer: {
    createManaged(environment: unknown, kind: unknown, type: TensorType, bytes: number): TensorBuffer;
  };
  readonly LiteRtLayout: { create(dimensions: Vector<number>): Deletable };
  readonly LiteRtRankedTensorType: { create(elementType: unknown, layout: Deletable): TensorType };
  readonly VectorInt32: new () => Vector<number> & { push_back(value: number): void };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
}

declare global {
  var ModuleFactory: (module?: object) => Promise<Wasm>;
}

function strings(vector: Vector<string>): string[] {
  const list = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  vector.delete();
  return list;
}

/** The type with the shape that is fed: the model's own may have open dimensions. */
function concrete(wasm: Wasm, type: TensorType, shape: readonly number[]): TensorType {
  const dimensions = new wasm.VectorInt32();
  for (const size of shape) dimensions.push_back(size);
  const result = wasm.LiteRtRankedTensorType.create(type.elementType(), wasm.LiteRtLayout.create(dimensions));
  type.delete();
  dimensions.delete();
  return result;
}

export const instantiate: Instantiate = async ({ variant, threads, signature, shapes }) => {
  await runScript(`/node_modules/@litertjs/core/wasm/${variant}.js`);
  const wasm = await globalThis.ModuleFactory();
  wasm.setupLogging();
  const environment = wasm.LiteRtEnvironment.create(null);
  return {
    async load(bytes) {
      const address = wasm._malloc(bytes.length);
      wasm.HEAPU8.set(bytes, address);
      const model = wasm.loadModel(environment, address, bytes.length);
      const compiled = await wasm.compileModel(environment, model, {
        environment,
        accelerator: 'wasm',
        cpuOptions: { numThreads: threads },
        gpuOptions: {},
        webNNOptions: {},
      });
      // Its signatures order tensors by name; a model without one has them in the order of the graph.
      const own = model.getSignature(0);
      const inputNames = strings(own.inputNames());
      const outputNames = strings(own.outputNames());
      const position = (names: readonly string[] | undefined, name: string, i: number) => {
        const found = names ? names.indexOf(name) : -1;
        return found < 0 ? i : found;
      };
      const buffers = inputNames.map((name, i) => {
        const input = position(signature?.inputs, name, i);
        const type = concrete(wasm, model.getInputTensorType(0, i), shapes[input]!);
        const { HOST_MEMORY } = wasm.LiteRtTensorBufferType;
        const buffer = wasm.LiteRtTensorBuffer.createManaged(environment, HOST_MEMORY, type, type.bytes());
        type.delete();
        return { buffer, input };
      });
      const order = outputNames.map((name, i) => position(signature?.outputs, name, i));
      const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
      const tensors = buffers.map(({ buffer }) => buffer);
      return {
        threads: variant.includes('threaded') ? threads : 1,
        infer(inputs) {
          for (const { buffer, input } of buffers) {
            const target = buffer.lock(WRITE);
            wasm.HEAPU8.set(inputs[input]!, target);
            buffer.unlock();
          }
          const outputs = compiled.run(0, tensors) as TensorBuffer[];
          const result: Uint8Array[] = [];
          for (const [i, output] of outputs.entries()) {
            const source = output.lock(READ);
            result[order[i]!] = wasm.HEAPU8.slice(source, source + output.packedSize());
            output.unlock();
            output.delete();
          }
          return result;
        },
      };
    },
  };
};
