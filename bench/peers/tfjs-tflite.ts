// @tensorflow/tfjs-tflite by the client that its public API is built on, without tf.tensor in between: that has no int8.
import { type Instantiate, runScript } from './contender.js';

interface TensorInfo {
  data(): ArrayBufferView;
}
interface ModelRunner {
  getInputs(): TensorInfo[];
  getOutputs(): TensorInfo[];
  infer(): boolean;
}

declare global {
  var tfweb: {
    TFLiteWebModelRunner: { create(model: ArrayBuffer, options: { numThreads: number }): Promise<ModelRunner> };
  };
}

export const instantiate: Instantiate = async ({ threads }) => {
  // It takes its threaded build, with eight workers, wherever that can run. On one thread the other one starts sooner.
  if (threads === 1) Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
  // The file ends as a CommonJS module.
  Object.assign(globalThis, { exports: {} });
  await runScript('/node_modules/@tensorflow/tfjs-tflite/wasm/tflite_web_api_client.js');
  return {
    async load(bytes) {
      const model = bytes.slice().buffer;
      const runner = await globalThis.tfweb.TFLiteWebModelRunner.create(model, { numThreads: threads });
      const inputTensors = runner.getInputs();
      const outputTensors = runner.getOutputs();
      return {
        threads,
        infer(inputs) {
          for (const [i, tensor] of inputTensors.entries()) raw(tensor).set(inputs[i]!);
          if (!runner.infer()) throw new Error('infer() failed');
          return outputTensors.map((tensor) => raw(tensor).slice());
        },
      };
    },
  };
};

function raw(tensor: TensorInfo): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data();
  return new Uint8Array(buffer, byteOffset, byteLength);
}
