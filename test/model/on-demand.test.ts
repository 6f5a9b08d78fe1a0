import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Interpreter, loadModel } from '../../bindings/index.js';
import { standardRegistry } from '../../bindings/ops/registry.js';
import { buildModel, buildOpModel, type SubgraphDescription } from '../support/build-model.js';
import '../support/builds.js';
import { readShared, sharedFiles } from '../support/shared.js';

// Which models need more than the standard operators. What they compute then is tested elsewhere.
const loads = vi.spyOn(standardRegistry as Required<typeof standardRegistry>, 'more');
afterEach(() => loads.mockClear());

async function run(bytes: Uint8Array): Promise<number> {
  using model = await loadModel(bytes);
  using interpreter = await Interpreter.create(model);
  interpreter.invoke();
  return loads.mock.calls.length;
}

const example = (name: string) => readFileSync(new URL(`../../examples/digits/${name}.tflite`, import.meta.url));
const MOBILE =
  /mobilenet_v[12]_.*\.tflite$|model_mobilenetv2.*\.tflite$|pretrainedResnet_quant\.tflite$|resnet18_int8.*\.tflite$/;
const mobile = sharedFiles(['models/classification', 'models/cifar10'], MOBILE);
const winograd = sharedFiles(['models/cifar10'], /pretrainedResnet\.tflite$|resnet18_pruned(_float16)?\.tflite$/);

describe('the standard operators suffice for', () => {
  test.each(['digits', 'digits_int8'])('%s', async (name) => expect(await run(example(name))).toBe(0));
  test.each(mobile)('%s', async (file) => expect(await run(readShared(file))).toBe(0));
});

describe('filters that Winograd takes are worth more operators for', () => {
  test.each(winograd)('%s', async (file) => expect(await run(readShared(file))).toBe(1));
});

const quantization = { scale: [0.3], zeroPoint: [0] };
const sum = (dtype: 'float32' | 'int8' | 'int16' | 'int32'): Uint8Array => {
  const tensor = { dtype, shape: [5], ...(dtype === 'int8' || dtype === 'int16' ? { quantization } : {}) };
  return buildOpModel('ADD', { name: dtype, inputs: [tensor, tensor], outputs: [tensor] });
};
const product = (weights: object): Uint8Array =>
  buildModel({
    subgraphs: [
      {
        tensors: [
          { dtype: 'float32', shape: [1, 4] },
          { dtype: 'int8', shape: [2, 4], quantization, data: Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8), ...weights },
          { dtype: 'float32', shape: [1, 2] },
        ],
        inputs: [0],
        outputs: [2],
        operators: [{ op: 'FULLY_CONNECTED', inputs: [0, 1], outputs: [2] }],
      },
    ],
  });
const sparsity = {
  traversalOrder: [0, 1],
  blockMap: [],
  dimensions: [
    { format: 'DENSE', denseSize: 2, segments: [], indices: [] },
    { format: 'SPARSE_CSR', denseSize: 0, segments: [0, 1, 2], indices: [3, 0] },
  ],
};
const graph: SubgraphDescription = {
  tensors: [
    { dtype: 'float32', shape: [3] },
    { dtype: 'float32', shape: [3] },
  ],
  inputs: [0],
  outputs: [1],
  operators: [{ op: 'LOGISTIC', inputs: [0], outputs: [1] }],
};

const unary = (op: string): Uint8Array => {
  const tensor = { dtype: 'float32' as const, shape: [3] };
  return buildOpModel(op, { name: op, inputs: [tensor], outputs: [tensor] });
};

test.each<[string, number, Uint8Array]>([
  ['float32', 0, sum('float32')],
  ['int8', 0, sum('int8')],
  ['int16', 1, sum('int16')],
  ['int32', 1, sum('int32')],
  ['int8 weights', 1, product({})],
  ['int4 weights', 1, product({ dtype: 'int4', data: Uint8Array.of(1, 2, 3, 4) })],
  ['sparse weights', 1, product({ sparsity, data: Int8Array.of(5, 6) })],
  ['one subgraph', 0, buildModel({ subgraphs: [graph] })],
  ['two subgraphs', 1, buildModel({ subgraphs: [graph, graph] })],
  ['another operator', 1, unary('EXP')],
])('%s: %i loads', async (_, count, bytes) => expect(await run(bytes)).toBe(count));

test.each<[string, boolean, Uint8Array]>([
  ['floats and int8 weights', false, product({})],
  ['a common operator', false, unary('EXP')],
  ['a rare operator', true, unary('CEIL')],
  ['int16', true, sum('int16')],
  ['sparse weights', true, product({ sparsity, data: Int8Array.of(5, 6) })],
  ['two subgraphs', true, buildModel({ subgraphs: [graph, graph] })],
])('%s: rare operators are loaded: %s', async (_, rare, bytes) => {
  using model = await loadModel(bytes);
  expect(model.resources.walk !== undefined).toBe(rare);
});

test('a sparse tensor is not read by an operator that takes it for dense', async () => {
  using model = await loadModel(product({ sparsity, data: Int8Array.of(5, 6) }), {
    operators: standardRegistry.operators,
  });
  await expect(Interpreter.create(model)).rejects.toThrow('sparse');
});
