// Makes digits.tflite (float32) and digits_int8.tflite (all integers) of the weights that train.ts left in
// build/digits.json. The integer model follows the TFLite quantization specification: weights symmetric, one scale an
// output channel (the dense layer: one in all), activations by the range seen on drawn digits, int32 biases.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildModel, type OperatorDescription, type TensorDescription } from '../../../test/support/build-model.js';
import type { QuantizationSpec } from '../../../test/support/spec.js';
import { labelFile, labels, metadata } from './metadata.js';
import { inputSize, type LayerSpec, specs } from './specs.js';
import type { Trained } from './trained.js';
import { appendZip } from './zip.js';

const trained = JSON.parse(readFileSync('build/digits.json', 'utf8')) as Trained;
const description = `Handwritten digits, ${inputSize}x${inputSize} grey levels, light ink on dark paper or the reverse`;

const perTensor = (scale: number, zeroPoint: number): QuantizationSpec => ({
  scale: [Math.fround(scale)],
  zeroPoint: [zeroPoint],
});

// Grey level g is g / 255 to the float model and g - 128 to the integer one.
const inputQuantization = perTensor(1 / 255, -128);
// What TFLite's int8 SOFTMAX must give.
const probabilityQuantization = perTensor(1 / 256, -128);

/** The int8 quantization of a range, in which zero has a number of its own. */
function rangeQuantization({ min, max }: { min: number; max: number }): QuantizationSpec {
  const scale = Math.fround((Math.max(0, max) - Math.min(0, min)) / 255);
  return perTensor(scale, Math.round(-128 - Math.min(0, min) / scale));
}

/** Versions of the operators that introduced float32 and int8. */
const versions: Record<string, [float: number, quantized: number]> = {
  CONV_2D: [1, 3],
  DEPTHWISE_CONV_2D: [1, 3],
  FULLY_CONNECTED: [1, 4],
  RESHAPE: [1, 1],
  SOFTMAX: [1, 2],
};

/** [h, w, in, out] → [out, h, w, in]. */
function outputFirst(weights: readonly number[], channels: number): number[] {
  const depth = weights.length / channels;
  return Array.from(weights, (_, i) => weights[(i % depth) * channels + Math.floor(i / depth)]!);
}

/** A layer's weights and bias as tensors; `x` is its input's quantization. */
function parameters(spec: LayerSpec, at: number, x: QuantizationSpec, quantized: boolean): TensorDescription[] {
  const { kind, kernel, channels } = spec;
  const layer = trained.layers[at]!;
  const depthwise = kind === 'depthwise';
  const weights = depthwise ? layer.weights : outputFirst(layer.weights, channels);
  const each = weights.length / channels;
  const shape = depthwise
    ? [1, kernel, kernel, channels]
    : kind === 'dense'
      ? [channels, each]
      : [channels, kernel, kernel, each / kernel ** 2];
  const names = { weights: `${spec.name}/weights`, bias: `${spec.name}/bias` };
  if (!quantized) {
    return [
      { name: names.weights, dtype: 'float32', shape, data: Float32Array.from(weights) },
      { name: names.bias, dtype: 'float32', shape: [channels], data: Float32Array.from(layer.bias) },
    ];
  }
  // Which scale a weight has.
  const group = (i: number) => (kind === 'dense' ? 0 : depthwise ? i % channels : Math.floor(i / each));
  const greatest = new Array<number>(kind === 'dense' ? 1 : channels).fill(1e-6);
  weights.forEach((value, i) => {
    greatest[group(i)] = Math.max(greatest[group(i)]!, Math.abs(value));
  });
  const scale = greatest.map((value) => Math.fround(value / 127));
  const biasScale = scale.map((s) => Math.fround(s * x.scale[0]!));
  const zeroPoint = scale.map(() => 0);
  return [
    {
      name: names.weights,
      dtype: 'int8',
      shape,
      quantization: { scale, zeroPoint, axis: depthwise ? 3 : 0 },
      data: Int8Array.from(weights, (value, i) => Math.round(value / scale[group(i)]!)),
    },
    {
      name: names.bias,
      dtype: 'int32',
      shape: [channels],
      quantization: { scale: biasScale, zeroPoint, axis: 0 },
      data: Int32Array.from(layer.bias, (value, c) => Math.round(value / biasScale[kind === 'dense' ? 0 : c]!)),
    },
  ];
}

function makeModel(quantized: boolean): Uint8Array {
  const tensors: TensorDescription[] = [];
  const operators: OperatorDescription[] = [];
  const add = (tensor: TensorDescription) => tensors.push(tensor) - 1;
  const activation = (name: string, shape: number[], quantization: QuantizationSpec) => {
    const shapeSignature = [-1, ...shape.slice(1)];
    if (!quantized) return add({ name, dtype: 'float32', shape, shapeSignature });
    return add({ name, dtype: 'int8', shape, shapeSignature, quantization });
  };
  const run = (op: string, inputs: number[], output: number, options: OperatorDescription['options']) =>
    operators.push({ op, version: versions[op]![quantized ? 1 : 0], inputs, outputs: [output], options });

  const input = activation('image', [1, inputSize, inputSize, 1], inputQuantization);
  let [x, quantization, size, depth] = [input, inputQuantization, inputSize, 1];
  specs.forEach((spec, at) => {
    const { name, kind, kernel, stride, channels } = spec;
    if (kind === 'dense') {
      const flat = kernel * kernel * depth;
      const newShape = Int32Array.of(-1, flat);
      const shape = add({ name: `${name}/shape`, dtype: 'int32', shape: [2], data: newShape });
      const flattened = activation(`${name}/flat`, [1, flat], quantization);
      run('RESHAPE', [x, shape], flattened, { newShape });
      x = flattened;
    }
    const [weights, bias] = parameters(spec, at, quantization, quantized).map(add);
    size = spec.padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - kernel) / stride) + 1;
    depth = channels;
    quantization = rangeQuantization(trained.layers[at]!);
    const y = activation(name, kind === 'dense' ? [1, channels] : [1, size, size, channels], quantization);
    const inputs = [x, weights!, bias!];
    const padding = spec.padding.toUpperCase();
    const window = { padding, strideW: stride, strideH: stride, fusedActivationFunction: 'RELU' };
    if (kind === 'conv') run('CONV_2D', inputs, y, window);
    else if (kind === 'depthwise') run('DEPTHWISE_CONV_2D', inputs, y, { ...window, depthMultiplier: 1 });
    else run('FULLY_CONNECTED', inputs, y, {});
    x = y;
  });
  const output = activation('probabilities', [1, labels.length], probabilityQuantization);
  run('SOFTMAX', [x], output, { beta: 1 });

  const bytes = buildModel({
    description,
    subgraphs: [{ name: 'main', tensors, inputs: [input], outputs: [output], operators }],
    signatures: [{ key: 'serving_default', inputs: { image: input }, outputs: { probabilities: output } }],
    metadata: [{ name: 'TFLITE_METADATA', data: metadata(description) }],
  });
  return appendZip(bytes, { [labelFile]: labels.map((label) => `${label}\n`).join('') });
}

for (const quantized of [false, true]) {
  const file = `examples/digits/${quantized ? 'digits_int8' : 'digits'}.tflite`;
  const bytes = makeModel(quantized);
  writeFileSync(file, bytes);
  console.log(`${file}: ${bytes.length} bytes`);
}
