import { describe, expect, test } from 'vitest';
import type { DType } from '../../bindings/dtype.js';
import type { OperatorOptions, SparsityDefinition } from '../../bindings/model/model.js';
import { OPERATORS } from '../../bindings/model/schema/generated/full-layout.js';
import { OPTIONS } from '../../bindings/model/schema/generated/options.js';
import * as tflite from '../../bindings/model/schema/generated/tflite.js';
import { buildModel, buildOpModel, type OperatorDescription, packStrings } from '../support/build-model.js';
import { readModel } from '../support/operators.js';

/** A model with one operator between two small tensors. */
function around(operator: Omit<OperatorDescription, 'inputs' | 'outputs'>) {
  const tensor = { dtype: 'float32' as DType, shape: [2, 3] };
  const subgraph = { tensors: [tensor, tensor], inputs: [0], outputs: [1], operators: [] };
  return buildModel({
    subgraphs: [
      { ...subgraph, operators: [{ ...operator, inputs: [0], outputs: [1] }] },
      { ...subgraph, outputs: [0] },
    ],
  });
}

/** A value that is not the default for every field of an options table. */
function filledOptions(op: string): OperatorOptions {
  const { table, types } = OPTIONS[op]!;
  const Table = (tflite as unknown as Record<string, new () => object>)[`${table}T`]!;
  const options: Record<string, unknown> = {};
  let next = 3;
  for (const [name, value] of Object.entries(new Table())) {
    const type = types[name];
    const vector = Array.isArray(value);
    let filled: unknown;
    if (/subgraph|computations/i.test(name)) filled = 1;
    else if (type && type !== 'long') {
      const values = (tflite as unknown as Record<string, Record<number, string>>)[type]!;
      filled = values[1] ?? values[0];
    } else if (type === 'long') filled = vector ? -next++ : 2 ** 40 + next++;
    else if (name === 'windowReversal') filled = true;
    else if (name === 'boundaries' || name === 'alpha') filled = 0.5;
    else if (value === null) filled = `text ${next++}`;
    else if (typeof value === 'boolean') filled = !value;
    else filled = next++;
    options[name] = vector ? [filled, filled] : filled;
  }
  return options;
}

/** Operators whose options the reader knows. */
const READ = OPERATORS.split('\n').flatMap((line) => (line.includes(' ') ? line.split(' ')[0]! : []));

describe('what the writer writes, the reader reads', () => {
  test.each(READ)('options of %s', (op) => {
    const options = filledOptions(op);
    const [operator] = readModel(around({ op, options, version: 7 })).subgraphs[0]!.operators;
    expect(operator).toMatchObject({ op, custom: false, version: 7, inputs: [0], outputs: [1] });
    for (const [name, value] of Object.entries(options)) {
      if (name === 'compositeAttributesFormat') continue; // only one value exists; not read
      const read = operator!.options[name];
      expect(ArrayBuffer.isView(read) ? Array.from(read as Uint8Array) : read, name).toEqual(value);
    }
  });

  test('defaults of options that are left out', () => {
    const bytes = around({ op: 'CONV_2D' });
    expect(readModel(bytes).subgraphs[0]!.operators[0]!.options).toEqual({
      padding: 'SAME',
      strideW: 0,
      strideH: 0,
      fusedActivationFunction: 'NONE',
      dilationWFactor: 1,
      dilationHFactor: 1,
      quantizedBiasType: 'FLOAT32',
    });
  });

  test('custom operators', () => {
    const customOptions = Uint8Array.of(1, 2, 3);
    const [operator] = readModel(around({ op: 'Mine', custom: true, customOptions })).subgraphs[0]!.operators;
    expect(operator).toMatchObject({ op: 'Mine', custom: true, customOptions, options: {} });
  });

  test('tensors, buffers, signatures, metadata', () => {
    const weights = Int8Array.from({ length: 12 }, (_, i) => i - 6);
    const strings = packStrings(['a', '', 'grün']);
    const bytes = buildModel({
      description: 'all sorts',
      subgraphs: [
        {
          name: 'main',
          tensors: [
            {
              name: 'x',
              dtype: 'int8',
              shape: [1, 4],
              shapeSignature: [-1, 4],
              quantization: { scale: [0.5], zeroPoint: [-3] },
            },
            {
              name: 'w',
              dtype: 'int8',
              shape: [3, 4],
              data: weights,
              quantization: { scale: [1, 2, 4], zeroPoint: [0, 0, 1], axis: 0 },
            },
            { name: 'y', dtype: 'int8', shape: [1, 3] },
            { name: 's', dtype: 'string', shape: [3], data: strings },
            { name: 'state', dtype: 'float32', shape: [], isVariable: true },
            {
              name: 'blocks',
              dtype: 'int4',
              shape: [2, 3],
              data: Uint8Array.of(1, 2, 3),
              quantizationDetails: { kind: 'BlockwiseQuantization', scales: 0, zeroPoints: -1, blockSize: 32 },
            },
          ],
          inputs: [0],
          outputs: [2],
          operators: [
            { op: 'FULLY_CONNECTED', version: 4, inputs: [0, 1, -1], outputs: [2], options: { keepNumDims: true } },
          ],
        },
      ],
      signatures: [{ key: 'serve', inputs: { image: 0 }, outputs: { scores: 2 } }],
      metadata: [{ name: 'note', data: new TextEncoder().encode('hello') }],
    });
    const model = readModel(bytes);
    const [main] = model.subgraphs;
    expect(model).toMatchObject({ version: 3, description: 'all sorts' });
    expect(main!.tensors[0]).toEqual({
      name: 'x',
      dtype: 'int8',
      shape: [1, 4],
      shapeSignature: [-1, 4],
      buffer: 0,
      quantization: { scale: Float32Array.of(0.5), zeroPoint: Int32Array.of(-3), axis: 0 },
      quantizationDetails: null,
      isVariable: false,
      sparsity: null,
    });
    expect(main!.tensors[1]!.quantization).toEqual({
      scale: Float32Array.of(1, 2, 4),
      zeroPoint: Int32Array.of(0, 0, 1),
      axis: 0,
    });
    expect(main!.tensors[4]).toMatchObject({ shape: [], isVariable: true });
    expect(main!.tensors[5]!.quantizationDetails).toMatchObject({ kind: 'BlockwiseQuantization', blockSize: 32 });
    expect(main!.operators[0]).toMatchObject({ inputs: [0, 1, -1], options: { keepNumDims: true } });
    const data = (buffer: number) => {
      const { offset, size } = model.buffers[buffer]!;
      expect(offset % 16).toBe(0);
      return bytes.subarray(offset, offset + size);
    };
    expect(data(main!.tensors[1]!.buffer)).toEqual(new Uint8Array(weights.buffer));
    expect(data(main!.tensors[3]!.buffer)).toEqual(strings);
    expect(new TextDecoder().decode(data(model.metadata[0]!.buffer))).toBe('hello');
    expect(model.signatures).toEqual([
      { key: 'serve', subgraph: 0, inputs: [{ name: 'image', tensor: 0 }], outputs: [{ name: 'scores', tensor: 2 }] },
    ]);
  });

  test.each([Int32Array, Uint16Array, Uint8Array])('sparse weights with indices in %o', (Type) => {
    const sparsity: SparsityDefinition = {
      traversalOrder: [0, 1, 2],
      blockMap: [1],
      dimensions: [
        { format: 'DENSE', denseSize: 2, segments: new Uint8Array(), indices: new Uint8Array() },
        { format: 'SPARSE_CSR', denseSize: 0, segments: Type.of(0, 1, 3), indices: Type.of(1, 0, 1) },
        { format: 'DENSE', denseSize: 4, segments: new Uint8Array(), indices: new Uint8Array() },
      ],
    };
    const w = { dtype: 'int8' as DType, shape: [2, 8], data: new Int8Array(12), sparsity };
    const bytes = buildModel({ subgraphs: [{ tensors: [w], inputs: [], outputs: [0], operators: [] }] });
    expect(readModel(bytes).subgraphs[0]!.tensors[0]!.sparsity).toEqual(sparsity);
  });

  test('a case of a specification', () => {
    const model = readModel(
      buildOpModel('ADD', {
        name: 'constant right side',
        options: { fusedActivationFunction: 'RELU6' },
        inputs: [
          { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) },
          { dtype: 'float32', shape: [2], data: Float32Array.of(3, 4), constant: true },
        ],
        outputs: [{ dtype: 'float32', shape: [2] }],
      }),
    );
    expect(model.subgraphs[0]).toMatchObject({ inputs: [0], outputs: [2] });
    expect(model.subgraphs[0]!.operators[0]!.options).toEqual({
      fusedActivationFunction: 'RELU6',
      potScaleInt16: true,
    });
    expect(model.buffers[model.subgraphs[0]!.tensors[1]!.buffer]!.size).toBe(8);
  });
});
