import * as flatbuffers from 'flatbuffers';
import { describe, expect, test } from 'vitest';
import { ModelFormatError } from '../../bindings/errors.js';
import type { SparsityDefinition } from '../../bindings/model/model.js';
import * as tflite from '../../bindings/model/schema/generated/tflite.js';
import {
  buildModel,
  type OperatorDescription,
  packStrings,
  type SubgraphDescription,
  type TensorDescription,
} from '../support/build-model.js';
import { damage } from '../support/damage.js';
import { readModel } from '../support/operators.js';
import { Rng } from '../support/random.js';
import { readShared, sharedFiles } from '../support/shared.js';

const x: TensorDescription = { name: 'x', dtype: 'float32', shape: [2, 2] };
const constant: TensorDescription = { ...x, name: 'w', data: new Float32Array(4) };
const relu: OperatorDescription = { op: 'RELU', inputs: [0], outputs: [1] };

/** A model of one RELU, changed. */
function model(change: Partial<SubgraphDescription> = {}, ...more: SubgraphDescription[]): Uint8Array {
  const main = { tensors: [x, { ...x, name: 'y' }], inputs: [0], outputs: [1], operators: [relu], ...change };
  return buildModel({ subgraphs: [main, ...more] });
}

const withTensor = (tensor: Partial<TensorDescription>) =>
  model({ tensors: [x, { ...x, name: 'y' }, { ...x, ...tensor }] });

/** What is written with the object API after a change. */
function packed(change: (model: tflite.ModelT) => void, bytes = model()): Uint8Array {
  const root = tflite.Model.getRootAsModel(new flatbuffers.ByteBuffer(bytes)).unpack();
  change(root);
  const builder = new flatbuffers.Builder();
  tflite.Model.finishModelBuffer(builder, root.pack(builder));
  return builder.asUint8Array();
}

const sparse = (change: Partial<SparsityDefinition>, size = 4) =>
  withTensor({
    dtype: 'int8',
    shape: [2, 4],
    data: new Int8Array(size),
    sparsity: {
      traversalOrder: [0, 1],
      blockMap: [],
      dimensions: [
        { format: 'DENSE', denseSize: 2, segments: [], indices: [] },
        { format: 'SPARSE_CSR', denseSize: 0, segments: [0, 1, 4], indices: [3, 0, 1, 2] },
      ],
      ...change,
    },
  });

const calling = (op: string, options: object): OperatorDescription => ({ op, inputs: [0], outputs: [1], options });

describe('models that are refused', () => {
  const csr = (segments: number[], indices: number[]) => ({
    dimensions: [
      { format: 'DENSE' as const, denseSize: 2, segments: [], indices: [] },
      { format: 'SPARSE_CSR' as const, denseSize: 0, segments, indices },
    ],
  });
  const strings = (change: (view: DataView) => void) => {
    const data = packStrings(['ab', 'c']);
    change(new DataView(data.buffer));
    return withTensor({ dtype: 'string', shape: [2], data });
  };
  const sub: SubgraphDescription = { tensors: [x], inputs: [0], outputs: [0], operators: [] };
  const cases: [string, () => Uint8Array, RegExp][] = [
    ['nothing', () => new Uint8Array(), /only 0 bytes/],
    [
      'version',
      () =>
        packed((m) => {
          m.version = 4;
        }),
      /schema version 4, expected 3/,
    ],
    ['no subgraph', () => buildModel({ subgraphs: [] }), /no subgraph/],
    [
      'tensor index of an input',
      () => model({ operators: [{ ...relu, inputs: [7] }] }),
      /operator 0 RELU: an input names tensor 7 of 2/,
    ],
    ['input index below -1', () => model({ operators: [{ ...relu, inputs: [-2] }] }), /names tensor -2/],
    ['tensor index of an output', () => model({ operators: [{ ...relu, outputs: [2] }] }), /an output names tensor 2/],
    ['output left out', () => model({ operators: [{ ...relu, outputs: [-1] }] }), /an output names tensor -1/],
    ['graph input', () => model({ inputs: [2] }), /subgraph 0: an input names tensor 2/],
    ['graph output', () => model({ outputs: [-1] }), /subgraph 0: an output names tensor -1/],
    ['output never made', () => model({ operators: [] }), /output tensor 1 'y' is never made/],
    ['used before made', () => model({ inputs: [] }), /RELU uses tensor 0 'x' before/],
    [
      'made twice',
      () => model({ operators: [relu, relu] }),
      /operator 1 RELU makes tensor 1 'y', which is there already/,
    ],
    [
      'overwritten input',
      () => model({ operators: [{ ...relu, outputs: [0] }] }),
      /makes tensor 0 'x', which is there/,
    ],
    ['overwritten constant', () => model({ tensors: [x, constant] }), /makes tensor 1 'w', which is constant/],
    [
      'operator code',
      () =>
        packed((m) => {
          m.operatorCodes = [];
        }),
      /operator code 0 of 0/,
    ],
    [
      'negative operator code',
      () =>
        packed((m) => {
          m.operatorCodes[0] = new tflite.OperatorCodeT(-3, null, 1, Number(-9));
        }),
      /operator code -3/,
    ],
    [
      'custom operator without a name',
      () =>
        packed((m) => {
          m.operatorCodes[0] = new tflite.OperatorCodeT(32, null, 1, 32);
        }),
      /without a name/,
    ],
    [
      'options of another operator',
      () =>
        packed((m) => {
          m.operatorCodes[0]!.deprecatedBuiltinCode = 3;
          m.operatorCodes[0]!.builtinCode = 3;
          m.subgraphs[0]!.operators[0]!.builtinOptionsType = tflite.BuiltinOptions.AddOptions;
          m.subgraphs[0]!.operators[0]!.builtinOptions = new tflite.AddOptionsT();
        }),
      /CONV_2D has the options table 11, expected 1/,
    ],
    [
      'unknown enum value',
      () =>
        packed((m) => {
          m.operatorCodes[0] = new tflite.OperatorCodeT(18, null, 1, 18);
          m.subgraphs[0]!.operators[0]!.builtinOptionsType = tflite.BuiltinOptions.MulOptions;
          m.subgraphs[0]!.operators[0]!.builtinOptions = new tflite.MulOptionsT(Number(-1));
        }),
      /MUL.fusedActivationFunction is an unknown ActivationFunctionType: -1/,
    ],
    [
      'unknown tensor type',
      () =>
        packed((m) => {
          m.subgraphs[0]!.tensors[0]!.type = Number(77);
        }),
      /tensors\[0\]\.type is an unknown TensorType: 77/,
    ],
    [
      'buffer index',
      () =>
        packed((m) => {
          m.subgraphs[0]!.tensors[0]!.buffer = 5;
        }),
      /tensor 0 'x': names buffer 5 of 1/,
    ],
    [
      'buffer too short',
      () => withTensor({ data: new Float32Array(3) }),
      /12 bytes, a float32 tensor of shape \[2,2\] takes 16/,
    ],
    ['buffer too long', () => withTensor({ data: new Float32Array(5) }), /20 bytes/],
    [
      'half bytes',
      () => withTensor({ dtype: 'int4', shape: [3], data: new Uint8Array(3) }),
      /3 bytes, a int4 tensor of shape \[3\] takes 2/,
    ],
    ['negative dimension', () => withTensor({ shape: [2, -2] }), /negative dimension/],
    ['dimensions without end', () => withTensor({ shape: new Array(1000).fill(1) }), /1000 dimensions, more than 32/],
    ['dimensions that overflow', () => withTensor({ shape: [2 ** 30, 2 ** 30, 2 ** 30] }), /too large/],
    [
      'shape signature',
      () => withTensor({ shapeSignature: [-1] }),
      /shape signature \[-1\] does not fit the shape \[2,2\]/,
    ],
    [
      'number of scales',
      () => withTensor({ quantization: { scale: [1, 2, 3], zeroPoint: [0, 0, 0], axis: 1 } }),
      /3 scales along dimension 1/,
    ],
    [
      'axis of scales',
      () => withTensor({ quantization: { scale: [1, 2], zeroPoint: [0, 0], axis: 5 } }),
      /2 scales along dimension 5/,
    ],
    [
      'number of zero points',
      () => withTensor({ quantization: { scale: [1], zeroPoint: [0, 0] } }),
      /1 scales but 2 zero points/,
    ],
    ['scale', () => withTensor({ quantization: { scale: [Number.NaN], zeroPoint: [0] } }), /scale that is not finite/],
    [
      'zero point',
      () => withTensor({ quantization: { scale: [1], zeroPoint: [2 ** 40] } }),
      /zero point beyond 32 bits/,
    ],
    [
      'tensor of block scales',
      () =>
        withTensor({
          quantizationDetails: { kind: 'BlockwiseQuantization', scales: 9, zeroPoints: -1, blockSize: 32 },
        }),
      /quantization names tensor 9 of 3/,
    ],
    [
      'data in another file',
      () =>
        packed((m) => {
          m.subgraphs[0]!.tensors[0]!.externalBuffer = 1;
        }),
      /in another file/,
    ],
    [
      'buffer behind the end',
      () =>
        packed((m) => {
          m.buffers.push(new tflite.BufferT([], 100n, 10_000n));
        }),
      /buffers\[1\] is 10000 bytes at 100, past the end/,
    ],
    [
      'buffer of 2^64 bytes',
      () =>
        packed((m) => {
          m.buffers.push(new tflite.BufferT([], 2n, 2n ** 64n - 1n));
        }),
      /past the end/,
    ],
    [
      'custom options behind the end',
      () =>
        packed((m) => {
          m.subgraphs[0]!.operators[0]!.largeCustomOptionsOffset = 2n ** 63n;
          m.subgraphs[0]!.operators[0]!.largeCustomOptionsSize = 1n;
        }),
      /past the end/,
    ],
    [
      'metadata buffer',
      () =>
        packed((m) => {
          m.metadata = [new tflite.MetadataT('note', 3)];
        }),
      /metadata 'note' names buffer 3 of 1/,
    ],
    [
      'subgraph of a signature',
      () =>
        packed((m) => {
          m.signatureDefs = [new tflite.SignatureDefT([], [], 'serve', 1)];
        }),
      /signature 'serve' names subgraph 1 of 1/,
    ],
    [
      'tensor of a signature',
      () =>
        packed((m) => {
          m.signatureDefs = [new tflite.SignatureDefT([new tflite.TensorMapT('a', 2)], [], 'serve', 0)];
        }),
      /signature 'serve': 'a' names tensor 2 of 2/,
    ],
    ['string count', () => strings((v) => v.setInt32(0, 3, true)), /string/],
    [
      'string count of another shape',
      () => withTensor({ dtype: 'string', shape: [3], data: packStrings(['a']) }),
      /1 entries, expected 3/,
    ],
    ['huge string count', () => strings((v) => v.setInt32(0, 0x7fffffff, true)), /2147483647 entries/],
    ['negative string count', () => strings((v) => v.setInt32(0, -1, true)), /-1 entries/],
    ['string that begins in the table', () => strings((v) => v.setInt32(4, 4, true)), /string 0 begins at 4/],
    ['strings that go back', () => strings((v) => v.setInt32(8, 1, true)), /string 1 begins at 1/],
    ['string that ends behind the buffer', () => strings((v) => v.setInt32(12, 99, true)), /string 2 begins at 99/],
    ['sparse without data', () => sparse({}, 0), /sparse but has no data/],
    ['sparse size', () => sparse({}, 5), /5 bytes, .* takes 4/],
    ['sparse dimensions', () => sparse({ dimensions: [] }), /describes 0 dimensions, expected 2/],
    ['sparse traversal', () => sparse({ traversalOrder: [0, 0] }), /sparsity/],
    ['sparse traversal index', () => sparse({ traversalOrder: [0, 7] }), /dimension 7 of 2/],
    ['sparse dense size', () => sparse({ traversalOrder: [1, 0] }), /size 2, expected 4/],
    ['sparse segments', () => sparse(csr([0, 4], [3, 0, 1, 2])), /2 segments, expected 3/],
    ['sparse segments that fall', () => sparse(csr([0, 5, 4], [3, 0, 1, 2])), /do not rise/],
    ['sparse indices', () => sparse(csr([0, 1, 4], [3])), /1 indices, expected 4/],
    ['sparse index', () => sparse(csr([0, 1, 4], [3, 0, 4, 2])), /index 4 of 4/],
    ['sparse negative index', () => sparse(csr([0, 1, 4], [3, 0, -1, 2])), /index -1 of 4/],
    [
      'sparse block map',
      () =>
        sparse({
          traversalOrder: [0, 1, 2],
          blockMap: [5],
          ...{ dimensions: [...csr([0], []).dimensions, { format: 'DENSE', denseSize: 2, segments: [], indices: [] }] },
        }),
      /divides dimension 5 of 2/,
    ],
    [
      'subgraph that is called',
      () => model({ operators: [calling('WHILE', { condSubgraphIndex: 1, bodySubgraphIndex: 9 })] }, sub),
      /subgraph 0 calls subgraph 9 of 2/,
    ],
    ['negative subgraph', () => model({ operators: [calling('IF', { thenSubgraphIndex: -1 })] }), /calls subgraph -1/],
    ['subgraph that calls itself', () => model({ operators: [calling('CALL', { subgraph: 0 })] }), /circle: 0/],
    [
      'subgraphs that call one another',
      () =>
        model(
          { operators: [calling('STABLEHLO_CASE', { branchSubgraphIndices: [1, 2] })] },
          {
            tensors: [x, x],
            inputs: [0],
            outputs: [1],
            operators: [calling('STABLEHLO_COMPOSITE', { decompositionSubgraphIndex: 2 })],
          },
          { tensors: [x, x], inputs: [0], outputs: [1], operators: [calling('CALL_ONCE', { initSubgraphIndex: 1 })] },
        ),
      /circle: 1, 2/,
    ],
  ];
  test.each(cases)('%s', (_, build, message) => {
    const bytes = build();
    expect(() => readModel(bytes)).toThrow(ModelFormatError);
    expect(() => readModel(bytes)).toThrow(message);
  });
});

describe('models that are accepted', () => {
  test('an empty subgraph', () => {
    const bytes = buildModel({ subgraphs: [{ tensors: [], inputs: [], outputs: [], operators: [] }] });
    expect(readModel(bytes).subgraphs).toHaveLength(1);
  });

  test('8-bit operator codes alone', () => {
    const bytes = packed((m) => {
      m.operatorCodes[0] = new tflite.OperatorCodeT(19, null, 1, 0);
    });
    expect(readModel(bytes).subgraphs[0]!.operators[0]!.op).toBe('RELU');
  });

  test('operators newer than the schema, by number', () => {
    const bytes = packed((m) => {
      m.operatorCodes[0] = new tflite.OperatorCodeT(127, null, 1, Number(333));
    });
    expect(readModel(bytes).subgraphs[0]!.operators[0]).toMatchObject({
      op: 'BUILTIN_333',
      custom: false,
      options: {},
    });
  });

  test('buffers and custom options behind the flatbuffer', () => {
    // Found again in the file, and replaced by what they stand for.
    const WEIGHTS = 0x123456789abcdef0n;
    const OPTIONS = 0x123456789abcdef1n;
    const inside = packed((m) => {
      m.buffers.push(new tflite.BufferT([], WEIGHTS, 16n));
      m.subgraphs[0]!.tensors.push(new tflite.TensorT([4], tflite.TensorType.FLOAT32, 1, 'w'));
      m.operatorCodes[0] = new tflite.OperatorCodeT(32, 'Mine', 1, 32);
      m.subgraphs[0]!.operators[0]!.largeCustomOptionsOffset = OPTIONS;
      m.subgraphs[0]!.operators[0]!.largeCustomOptionsSize = 3n;
    });
    const bytes = new Uint8Array(inside.length + 19);
    bytes.set(inside);
    bytes.set([7, 8, 9], inside.length + 16);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 8 <= inside.length; at++) {
      const value = view.getBigUint64(at, true);
      if (value === WEIGHTS) view.setBigUint64(at, BigInt(inside.length), true);
      if (value === OPTIONS) view.setBigUint64(at, BigInt(inside.length + 16), true);
    }
    const result = readModel(bytes);
    expect(result.buffers[1]).toEqual({ offset: inside.length, size: 16 });
    expect(result.subgraphs[0]!.operators[0]).toMatchObject({ op: 'Mine', customOptions: Uint8Array.of(7, 8, 9) });
  });

  test('one zero point for all scales, and none at all', () => {
    const scale = [1, 2];
    const read = (zeroPoint: number[]) =>
      readModel(withTensor({ quantization: { scale, zeroPoint, axis: 1 } })).subgraphs[0]!.tensors[2]!.quantization;
    expect(read([5])).toEqual({ scale: Float32Array.of(1, 2), zeroPoint: Int32Array.of(5, 5), axis: 1 });
    expect(read([])).toEqual({ scale: Float32Array.of(1, 2), zeroPoint: Int32Array.of(0, 0), axis: 1 });
  });

  test('-1 for an unknown dimension in the shape itself', () => {
    const [, , tensor] = readModel(withTensor({ shape: [-1, 3] })).subgraphs[0]!.tensors;
    expect(tensor).toMatchObject({ shape: [1, 3], shapeSignature: [-1, 3] });
  });

  test('empty tensors and variables that nobody makes', () => {
    const tensors = [x, { ...x, name: 'y' }, { ...x, shape: [0] }, { ...x, isVariable: true }];
    const operators = [{ op: 'Mine', custom: true, inputs: [0, 2, 3, -1], outputs: [1] }];
    expect(readModel(model({ tensors, operators })).subgraphs[0]!.operators).toHaveLength(1);
  });

  test('a view into a larger buffer, and shared memory', () => {
    const bytes = model({ tensors: [x, { ...x, name: 'y' }, constant] });
    const expected = readModel(bytes);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 5), 3, bytes.length);
    shared.set(bytes);
    expect(readModel(shared)).toEqual(expected);
  });

  const real = sharedFiles(['models', 'conformance'], /\.tflite$/);
  test.skipIf(real.length === 0)(`all ${real.length} real models (shared/ beside the repository)`, () => {
    const refused = real.flatMap((file) => {
      try {
        readModel(readShared(file));
        return [];
      } catch (error) {
        return [`${file}: ${(error as Error).message}`];
      }
    });
    expect(refused).toEqual([]);
  });
});

describe('hostile files', () => {
  test('offsets that all point to one table', () => {
    const builder = new flatbuffers.Builder();
    const vectorOf = (offset: number, n: number) => {
      builder.startVector(4, n, 4);
      for (let i = 0; i < n; i++) builder.addOffset(offset);
      return builder.endVector();
    };
    const tensor = new tflite.TensorT([1], 0, 0, 'a tensor with a name').pack(builder);
    const tensors = vectorOf(tensor, 20_000);
    tflite.SubGraph.startSubGraph(builder);
    tflite.SubGraph.addTensors(builder, tensors);
    const subgraphs = vectorOf(tflite.SubGraph.endSubGraph(builder), 20_000);
    tflite.Model.startModel(builder);
    tflite.Model.addVersion(builder, 3);
    tflite.Model.addSubgraphs(builder, subgraphs);
    tflite.Model.finishModelBuffer(builder, tflite.Model.endModel(builder));
    const bytes = builder.asUint8Array();
    expect(bytes.length).toBeLessThan(200_000);
    const started = performance.now();
    expect(() => readModel(bytes)).toThrow(/unpacks to far more/);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('one long vector, many times', () => {
    const builder = new flatbuffers.Builder();
    const shape = tflite.Tensor.createShapeVector(builder, new Array(50_000).fill(1));
    const tensors: number[] = [];
    for (let i = 0; i < 5000; i++) {
      tflite.Tensor.startTensor(builder);
      tflite.Tensor.addShape(builder, shape);
      tensors.push(tflite.Tensor.endTensor(builder));
    }
    const vector = tflite.SubGraph.createTensorsVector(builder, tensors);
    tflite.SubGraph.startSubGraph(builder);
    tflite.SubGraph.addTensors(builder, vector);
    const subgraphs = tflite.Model.createSubgraphsVector(builder, [tflite.SubGraph.endSubGraph(builder)]);
    tflite.Model.startModel(builder);
    tflite.Model.addVersion(builder, 3);
    tflite.Model.addSubgraphs(builder, subgraphs);
    tflite.Model.finishModelBuffer(builder, tflite.Model.endModel(builder));
    expect(() => readModel(builder.asUint8Array())).toThrow(/unpacks to far more/);
  });

  test('a long chain of calls', () => {
    const n = 5000;
    const subgraphs = Array.from({ length: n }, (_, i): SubgraphDescription => {
      const operators = i + 1 < n ? [calling('CALL_ONCE', { initSubgraphIndex: i + 1 })] : [relu];
      return { tensors: [x, x], inputs: [0], outputs: [1], operators };
    });
    expect(readModel(buildModel({ subgraphs })).subgraphs).toHaveLength(n);
  });

  const bad = sharedFiles(['bad'], /\.(tflite|bin)$/);
  test.skipIf(bad.length === 0)(`${bad.length} collected ones (shared/bad beside the repository)`, () => {
    const manifest = JSON.parse(new TextDecoder().decode(readShared('bad/MANIFEST.json')));
    const what = new Map<string, string>();
    for (const { file, what: text } of manifest.files) what.set(`bad/${file}`, text);
    for (const file of bad) {
      let outcome = 'loads';
      try {
        readModel(readShared(file));
      } catch (error) {
        if (!(error instanceof ModelFormatError)) throw error;
        outcome = 'refused';
      }
      if (/must be refused|cut in half|root offset|identifier|zero bytes/.test(what.get(file)!)) {
        expect([file, outcome]).toEqual([file, 'refused']);
      }
      if (/loads/.test(what.get(file)!)) expect([file, outcome]).toEqual([file, 'loads']);
    }
  });

  const victims = [
    'models/tiny/hello_world_int8.tflite',
    'models/graph/2_subgraphs_dont_delegate_name.tflite',
    'models/graph/sparse_tensor.tflite',
    'models/graph/gather_string.tflite',
    'models/graph/call_once_mul.tflite',
    'models/quantizer/lstm_quantized2.tflite',
  ].filter((file) => sharedFiles(['models'], /\.tflite$/).includes(file));
  const sources: [string, () => Uint8Array][] = [
    ['a small model', () => model({ tensors: [x, { ...x, name: 'y' }, constant] })],
    ['sparse weights', () => sparse({})],
    ...victims.map((file): [string, () => Uint8Array] => [file, () => readShared(file)]),
  ];
  test.each(sources)('%s, damaged in 4000 ways', (_, source) => {
    const bytes = source();
    const rng = new Rng(bytes.length);
    let refused = 0;
    let slowest = 0;
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 4000; i++) {
      const copy = damage(bytes, rng);
      const started = performance.now();
      try {
        readModel(copy);
      } catch (error) {
        if (!(error instanceof ModelFormatError)) throw error;
        refused++;
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
    expect(refused).toBeGreaterThan(1000);
    expect(slowest).toBeLessThan(1000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(300e6);
  });
});
