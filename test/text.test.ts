// Text: the tokenizers of TFLite Support, TensorFlow's operators in Flex nodes, and models that take strings.
import * as flatbuffers from 'flatbuffers';
import { expect, test } from 'vitest';
import type { DType, TypedArray } from '../bindings/dtype.js';
import { InvalidOperatorError, LaneliteError, ShapeError, UnsupportedOperatorError } from '../bindings/errors.js';
import { toBinary } from '../bindings/graph/strings.js';
import { Interpreter, loadModel, registerCustomOp, type Tensor, type TensorData } from '../bindings/node.js';
import { customOps } from '../bindings/ops/custom-op.js';
import { Message } from '../bindings/ops/extra/protobuf.js';
import { SentencePiece } from '../bindings/ops/extra/sentencepiece.js';
import { characters } from '../bindings/ops/extra/text.js';
import { extra } from '../bindings/ops/extra.js';
import { buildModel, packStrings } from './support/build-model.js';
import { bytes, field, flexOptions, float, integer, mapOptions } from './support/flex.js';
import { Rng } from './support/random.js';
import { readShared, sharedFiles } from './support/shared.js';

interface Fed {
  readonly dtype: DType;
  readonly shape?: readonly number[];
  readonly data: readonly (string | number | bigint | Uint8Array)[];
  readonly constant?: boolean;
}

const strings = (data: readonly (string | Uint8Array)[], shape?: readonly number[]): Fed => ({
  dtype: 'string',
  data,
  shape,
});
const int32 = (data: readonly number[], shape?: readonly number[]): Fed => ({ dtype: 'int32', data, shape });
const int64 = (data: readonly number[], shape?: readonly number[]): Fed => ({
  dtype: 'int64',
  data: data.map(BigInt),
  shape,
});
const float32 = (data: readonly number[], shape?: readonly number[]): Fed => ({ dtype: 'float32', data, shape });

/** What one custom operator makes of inputs: shapes and elements. */
async function apply(op: string, inputs: readonly Fed[], outputs: readonly DType[], customOptions?: Uint8Array) {
  const shapeOf = ({ shape, data }: Fed) => shape ?? [data.length];
  const constant = ({ dtype, data }: Fed): TypedArray =>
    dtype === 'string'
      ? packStrings(data as string[])
      : dtype === 'uint8'
        ? Uint8Array.from(data as number[])
        : Int32Array.from(data as number[]);
  const model = await loadModel(
    buildModel({
      subgraphs: [
        {
          tensors: [
            ...inputs.map((fed) => ({
              dtype: fed.dtype,
              shape: shapeOf(fed),
              ...(fed.constant && { data: constant(fed) }),
            })),
            ...outputs.map((dtype) => ({ dtype, shape: [1], shapeSignature: [-1] })),
          ],
          inputs: inputs.flatMap((fed, i) => (fed.constant ? [] : [i])),
          outputs: outputs.map((_, i) => inputs.length + i),
          operators: [
            {
              op,
              custom: true,
              inputs: inputs.map((_, i) => i),
              outputs: outputs.map((_, i) => inputs.length + i),
              customOptions,
            },
          ],
        },
      ],
    }),
  );
  using interpreter = await Interpreter.create(model, { customOps: extra });
  for (const [i, fed] of inputs.filter(({ constant }) => !constant).entries()) {
    interpreter.inputs[i]!.set(fed.data as TensorData);
  }
  interpreter.invoke();
  return interpreter.outputs.map((tensor) => ({
    shape: [...tensor.shape],
    data: elements(tensor),
  }));
}

/** Elements; integers as numbers. */
const elements = (tensor: Tensor): unknown[] =>
  Array.from(tensor.copy<string[]>() as readonly unknown[], (x) => (typeof x === 'bigint' ? Number(x) : x));

const data = async (...args: Parameters<typeof apply>) => (await apply(...args)).map(({ data }) => data);

const MATRIX = strings(['a b c', 'd e f', 'g h', 'i j k l', 'm', 'n o p q r'], [3, 2]);

test('WhitespaceTokenizer gives tensors', async () => {
  expect(await apply('tftext:WhitespaceTokenizer', [MATRIX], ['string'])).toEqual([
    {
      shape: [3, 2, 5],
      data: [...'abc', '', '', ...'def', '', '', ...'gh', '', '', '', ...'ijkl', '', 'm', '', '', '', '', ...'nopqr'],
    },
  ]);
  const odd = strings([' \t ', '', 'one\u3000two\u00a0three\r\n', Uint8Array.of(97, 32, 98, 0xff, 32, 99)]);
  expect(await apply('tftext:WhitespaceTokenizer', [odd], ['string'])).toEqual([
    { shape: [4, 3], data: ['', '', '', '', '', '', 'one', 'two', 'three', 'a', 'b', ''] },
  ]);
});

test('WhitespaceTokenizer gives ragged tensors', async () => {
  expect(await data('tftext:WhitespaceTokenizer', [MATRIX], ['string', 'int64', 'int64'])).toEqual([
    [...'abcdefghijklmnopqr'],
    [0, 2, 4, 6],
    [0, 3, 6, 8, 12, 13, 18],
  ]);
  await expect(apply('tftext:WhitespaceTokenizer', [MATRIX], ['string', 'int64'])).rejects.toThrow(ShapeError);
  await expect(apply('tftext:WhitespaceTokenizer', [int32([1])], ['string'])).rejects.toThrow(InvalidOperatorError);
});

test('Ngrams joins neighbours', async () => {
  const options = (width: number) =>
    mapOptions({ width, axis: -1, reduction_type: 'STRING_JOIN', string_separator: ' ' });
  const words = strings(['this', 'is', 'fun', 'a', 'b', 'c'], [2, 3]);
  expect(await apply('tftext:Ngrams', [words], ['string'], options(2))).toEqual([
    { shape: [2, 2], data: ['this is', 'is fun', 'a b', 'b c'] },
  ]);
  expect(await apply('tftext:Ngrams', [words], ['string'], options(4))).toEqual([{ shape: [2, 0], data: [] }]);
  const rows = [strings([...'abcdef']), int64([0, 2, 3]), int64([0, 4, 5, 6])];
  expect(await data('tftext:Ngrams', rows, ['string', 'int64', 'int64'], options(3))).toEqual([
    ['a b c', 'b c d'],
    [0, 2, 3],
    [0, 2, 2, 2],
  ]);
  const bad = mapOptions({ width: 2, axis: 0, reduction_type: 'STRING_JOIN', string_separator: '' });
  await expect(apply('tftext:Ngrams', [words], ['string'], bad)).rejects.toThrow(InvalidOperatorError);
});

test.each(['RaggedRange', 'FlexRaggedRange'])('%s', async (op) => {
  expect(await data(op, [int64([0, 5, 8]), int64([3, 5, 12]), int64([1], [])], ['int64', 'int64'])).toEqual([
    [0, 3, 3, 7],
    [0, 1, 2, 8, 9, 10, 11],
  ]);
  const floats = [float32([0, 1]), float32([1], []), float32([0.25, -0.5])];
  expect(await data(op, floats, ['int32', 'float32'])).toEqual([
    [0, 4, 4],
    [0, 0.25, 0.5, 0.75],
  ]);
  await expect(apply(op, [int32([0]), int32([1]), int32([0])], ['int32', 'int32'])).rejects.toThrow('step');
});

const SPLITS = ['ROW_SPLITS'];

test('RaggedTensorToTensor fills rows up', async () => {
  const partitions = (kinds: readonly string[]) => flexOptions('RaggedTensorToTensor', { row_partition_types: kinds });
  const op = 'FlexRaggedTensorToTensor';
  const values = int32([1, 2, 3, 4, 5, 6]);
  const none = int64([-1], []);
  expect(await apply(op, [none, values, int32([9], []), int64([0, 2, 2, 6])], ['int32'], partitions(SPLITS))).toEqual([
    { shape: [3, 4], data: [1, 2, 9, 9, 9, 9, 9, 9, 3, 4, 5, 6] },
  ]);
  // To a given shape: longer rows are cut, rows that are too many dropped.
  expect(
    await apply(op, [int64([2, 3]), values, int32([0], []), int64([0, 1, 5, 6])], ['int32'], partitions(SPLITS)),
  ).toEqual([{ shape: [2, 3], data: [1, 0, 0, 2, 3, 4] }]);
  // By row numbers, with elements that are vectors.
  const vectors = int32([1, 2, 3, 4, 5, 6], [3, 2]);
  const kinds = partitions(['FIRST_DIM_SIZE', 'VALUE_ROWIDS']);
  expect(await apply(op, [none, vectors, int32([0], []), int64([3], []), int64([0, 2, 2])], ['int32'], kinds)).toEqual([
    { shape: [3, 2, 2], data: [1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6] },
  ]);
  // Two levels, of strings.
  const nested = [none, strings([...'abcde']), strings(['-'], []), int64([0, 2, 3]), int64([0, 1, 3, 5])];
  expect(await apply(op, nested, ['string'], partitions([...SPLITS, ...SPLITS]))).toEqual([
    { shape: [2, 2, 2], data: ['a', '-', 'b', 'c', 'd', 'e', '-', '-'] },
  ]);
  const support = mapOptions({ row_partition_types: SPLITS });
  expect(
    await apply('RaggedTensorToTensor', [none, int32([]), int32([7], []), int64([0, 0])], ['int32'], support),
  ).toEqual([{ shape: [1, 1], data: [7] }]);
  for (const splits of [
    [0, 7],
    [1, 6],
    [0, 4, 2, 6],
  ]) {
    await expect(
      apply(op, [none, values, int32([0], []), int64(splits)], ['int32'], partitions(SPLITS)),
    ).rejects.toThrow(ShapeError);
  }
});

test('random ragged tensors', async () => {
  const rng = new Rng(1);
  for (let i = 0; i < 20; i++) {
    // Lists of lists of lists, as a tree, which is what the partitions say in another way.
    let next = 0;
    const list = <T>(item: () => T) => Array.from({ length: rng.int(0, 3) }, item);
    const tree = list(() => list(() => list(() => ++next)));
    const splits = <T>(rows: readonly (readonly T[])[]) => [
      0,
      ...rows.map((_, i) => rows.slice(0, i + 1).flat().length),
    ];
    const ids = <T>(rows: readonly (readonly T[])[]) => rows.flatMap((row, id) => row.map(() => id));
    const middle = tree.flat();
    const values = middle.flat();
    const shape = [tree.length, 0, 0].map((n, axis) => {
      if (rng.int(0, 3) === 0) return rng.int(1, 3);
      return axis === 0 ? n : Math.max(0, ...(axis === 1 ? tree : middle).map(({ length }) => length));
    });
    const expected = Array.from({ length: shape[0]! }, (_, a) =>
      Array.from({ length: shape[1]! }, (_, b) => Array.from({ length: shape[2]! }, (_, c) => tree[a]?.[b]?.[c] ?? -7)),
    ).flat(2);
    const inputs = [int64(shape), int32(values), int32([-7], [])];
    for (const [kinds, partitions] of [
      [
        ['ROW_SPLITS', 'ROW_SPLITS'],
        [int64(splits(tree)), int64(splits(middle))],
      ],
      [
        ['FIRST_DIM_SIZE', 'VALUE_ROWIDS', 'VALUE_ROWIDS'],
        [int64([tree.length], []), int64(ids(tree)), int64(ids(middle))],
      ],
    ] as const) {
      const options = flexOptions('RaggedTensorToTensor', { row_partition_types: kinds });
      const got = await apply('FlexRaggedTensorToTensor', [...inputs, ...partitions], ['int32'], options);
      expect(got).toEqual([{ shape, data: expected }]);
    }
  }
});

test('Flex nodes of operators that TFLite has', async () => {
  const x = float32([1, 2, 3, 4], [2, 2]);
  expect(await data('FlexAddV2', [x, float32([10, 20])], ['float32'], flexOptions('AddV2'))).toEqual([
    [11, 22, 13, 24],
  ]);
  expect(await data('FlexMul', [int64([2, 3]), int64([4], [])], ['int64'], flexOptions('Mul'))).toEqual([[8, 12]]);
  expect(await data('FlexSub', [int64([2, 3]), int64([4], [])], ['int64'], flexOptions('Sub'))).toEqual([[-2, -1]]);
  expect(await data('FlexDouble', [int32([2, 3])], ['int32'], flexOptions('Double'))).toEqual([[4, 6]]);
  const axis = { ...int32([0], []), constant: true };
  const cumsum = flexOptions('Cumsum', { exclusive: true, reverse: true });
  expect(await data('FlexCumsum', [int64([1, 2, 3]), axis], ['int64'], cumsum)).toEqual([[5, 3, 0]]);
  const masks = { begin_mask: 1, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 };
  const slice = [int64([1, 2, 3, 4]), int64([2]), int64([3]), int64([2])];
  expect(await data('FlexStridedSlice', slice, ['int64'], flexOptions('StridedSlice', masks))).toEqual([[1, 3]]);
  const [softplus] = await data('FlexSoftplus', [float32([-200, 0, 200])], ['float32'], flexOptions('Softplus'));
  expect(softplus).toEqual([0, Math.fround(Math.LN2), 200]);
  await expect(data('FlexCumsum', [int64([1]), axis], ['int64'])).rejects.toThrow(LaneliteError);
});

test('StringToHashBucketFast', async () => {
  const options = flexOptions('StringToHashBucketFast', { num_buckets: 10 });
  const words = strings([...'abcd'], [2, 2]);
  expect(await apply('FlexStringToHashBucketFast', [words], ['int64'], options)).toEqual([
    { shape: [2, 2], data: [9, 2, 2, 5] },
  ]);
  const three = flexOptions('StringToHashBucketFast', { num_buckets: 3 });
  const example = strings(['Hello', 'TensorFlow', '2.x']);
  expect(await data('FlexStringToHashBucketFast', [example], ['int64'], three)).toEqual([[0, 2, 2]]);
});

/** One that is cut short, a surrogate, one in too many bytes, one beyond Unicode. */
const MALFORMED = Uint8Array.of(
  97,
  0xe2,
  0x82,
  98,
  0xed,
  0xa0,
  0x80,
  0xc0,
  0x80,
  0xf4,
  0x90,
  0x80,
  0x80,
  0xf0,
  0x9f,
  0x98,
);

test('characters of damaged text are those of TextDecoder', () => {
  const decoded = (raw: Uint8Array) => String.fromCodePoint(...characters(toBinary(raw)).map(({ code }) => code));
  expect(decoded(MALFORMED)).toBe(new TextDecoder().decode(MALFORMED));
  let seed = 1;
  for (let i = 0; i < 500; i++) {
    const raw = Uint8Array.from({ length: 12 }, () => {
      seed = (seed * 48271) % 0x7fffffff;
      return (seed & 1024 ? 0x80 : 0) | ((seed >> 12) & 0xff);
    });
    expect(decoded(raw)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw));
  }
});

test('UnicodeDecodeWithOffsets and UnicodeEncode', async () => {
  const errors = { input_encoding: 'UTF-8', replacement_char: 0x3f, replace_control_characters: true };
  const decode = (kind: string, text: readonly (string | Uint8Array)[]) =>
    data(
      'FlexUnicodeDecodeWithOffsets',
      [strings(text)],
      ['int64', 'int32', 'int64'],
      flexOptions('UnicodeDecodeWithOffsets', { ...errors, errors: kind }),
    );
  const text = ['aé', '', '\n😀', Uint8Array.of(98, 0xff)];
  expect(await decode('replace', text)).toEqual([
    [0, 2, 2, 4, 6],
    [97, 0xe9, 0x3f, 0x1f600, 98, 0x3f],
    [0, 1, 0, 1, 0, 1],
  ]);
  expect(await decode('ignore', text)).toEqual([
    [0, 2, 2, 3, 4],
    [97, 0xe9, 0x1f600, 98],
    [0, 1, 1, 0],
  ]);
  await expect(decode('strict', text)).rejects.toThrow(InvalidOperatorError);

  const encode = (kind: string) =>
    data(
      'FlexUnicodeEncode',
      [int32([97, 0xd800, 0x1f600, 0x110000, 98]), int64([0, 2, 2, 5])],
      ['string'],
      flexOptions('UnicodeEncode', { errors: kind, output_encoding: 'UTF-8', replacement_char: 0xfffd }),
    );
  expect(await encode('replace')).toEqual([['a\ufffd', '', '😀\ufffdb']]);
  expect(await encode('ignore')).toEqual([['a', '', '😀b']]);
  await expect(encode('strict')).rejects.toThrow(InvalidOperatorError);
});

test('WhitespaceTokenizeWithOffsets', async () => {
  const text = [...' to be\u3000or  '].map((c) => c.codePointAt(0)!);
  const outputs: DType[] = ['int32', 'int64', 'int64', 'int64', 'int64'];
  const inputs = [int32([...text, 32, 33]), int64([0, text.length, text.length, text.length + 2])];
  expect(await data('FlexWhitespaceTokenizeWithOffsets', inputs, outputs)).toEqual([
    [...'tobeor!'].map((c) => c.codePointAt(0)!),
    [0, 2, 4, 6, 7],
    [1, 4, 7, 1],
    [3, 6, 9, 2],
    [0, 3, 3, 4],
  ]);
});

/** A vocabulary of pieces [text, score, type]. */
function vocabulary(kind: number, pieces: readonly (readonly [string, number, number?])[], extraFields: number[] = []) {
  const all = [['<unk>', 0, 2], ['<s>', 0, 3], ['</s>', 0, 3], ...pieces] as const;
  const messages = all.flatMap(([text, score, type = 1]) =>
    field(1, [...field(1, bytes(text)), ...float(2, score), ...integer(3, type)]),
  );
  return new SentencePiece(Uint8Array.from([...messages, ...field(2, [...integer(3, kind), ...extraFields])]));
}
const pieces = (model: SentencePiece, text: string) =>
  model
    .encode(toBinary(new TextEncoder().encode(text)))
    .map(({ text }) => new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));

test('SentencePiece takes the most likely pieces', () => {
  const model = vocabulary(1, [
    ['▁', -3],
    ['a', -3],
    ['b', -3],
    ['ab', -4],
    ['▁ab', -9],
    ['aba', -20],
    ['[X]', 0, 4],
    ['bb', 0, 5],
  ]);
  expect(pieces(model, '  ab  abba ')).toEqual(['▁', 'ab', '▁', 'ab', 'b', 'a']);
  // What the vocabulary lacks is one piece.
  expect(pieces(model, 'a xyz[X]b')).toEqual(['▁', 'a', '▁', 'xyz', '[X]', 'b']);
  expect(model.encode('')).toEqual([]);
  expect(model.encode('   ')).toEqual([]);
});

test('no other split of SentencePiece has a higher sum', () => {
  const rng = new Rng(2);
  for (let i = 0; i < 30; i++) {
    const letters = () => Array.from({ length: rng.int(1, 3) }, () => 'abc'[rng.int(0, 2)]).join('');
    const scores = new Map(Array.from({ length: 8 }, () => [letters(), -rng.int(1, 40) / 4] as const));
    for (const letter of ['▁', ...'abc']) scores.set(letter, -rng.int(20, 40) / 4);
    const best = (text: string): number => {
      if (!text) return 0;
      const heads = [...scores].filter(([piece]) => text.startsWith(piece));
      return Math.max(...heads.map(([piece, score]) => score + best(text.slice(piece.length))));
    };
    const text = `${letters()}${letters()}${letters()}`;
    const split = pieces(vocabulary(1, [...scores]), text);
    expect(split.join('')).toBe(`▁${text}`);
    expect(split.reduce((sum, piece) => sum + scores.get(piece)!, 0)).toBe(best(`▁${text}`));
  }
});

test('SentencePiece merges pairs', () => {
  const model = vocabulary(
    2,
    [
      ['▁', -9],
      ['a', -8],
      ['b', -7],
      ['ab', -1],
      ['▁ab', -2],
      ['abab', -3, 5],
    ],
    integer(35, 1),
  );
  expect(pieces(model, 'abab')).toEqual(['▁ab', 'ab']);
  expect(pieces(model, 'aabab')).toEqual(['▁', 'a', 'ab', 'ab']);
  expect(pieces(model, 'bé')).toEqual(['▁', 'b', '<0xC3>', '<0xA9>']);
});

/** A double array of keys, each with its place in the list as value; children lie where there is room. */
function trie(keys: readonly string[]): number[] {
  const units: (number | undefined)[] = [0];
  const place = (at: number, prefix: string) => {
    const below = keys.filter((key) => key.startsWith(prefix));
    const labels = [...new Set(below.filter((key) => key !== prefix).map((key) => key.charCodeAt(prefix.length)))];
    const leaf = below.indexOf(prefix) >= 0;
    let base = 1;
    while ([...labels, ...(leaf ? [0] : [])].some((label) => units[base ^ label] !== undefined)) base++;
    units[at] = (units[at]! | ((at ^ base) << 10) | (leaf ? 0x100 : 0)) >>> 0;
    if (leaf) units[base] = (0x80000000 | keys.indexOf(prefix)) >>> 0;
    for (const label of labels) units[base ^ label] = label;
    for (const label of labels) place(base ^ label, prefix + String.fromCharCode(label));
  };
  place(0, '');
  return Array.from({ length: units.length + 256 }, (_, i) => units[i] ?? 0);
}

test('TFSentencepieceTokenizeOp splits as TFLite Support does', async () => {
  const vocabulary = ['<unk>', '\xe2\x96\x81', 'a', 'b', 'ab', '\xe2\x96\x81ab'];
  const scores = [0, -2, -3, -3, -4, -7];
  const builder = new flatbuffers.Builder();
  const table = (nodes: readonly number[]) => {
    const vector = ints(nodes);
    builder.startObject(1);
    builder.addFieldOffset(0, vector, 0);
    return builder.endObject();
  };
  const ints = (list: readonly number[]) => {
    builder.startVector(4, list.length, 4);
    for (const value of [...list].reverse()) builder.addInt32(value | 0);
    return builder.endVector();
  };
  const pieces = table(trie(vocabulary));
  const rules = table(trie(['B', '\xc3\x84']));
  builder.startVector(4, scores.length, 4);
  for (const score of [...scores].reverse()) builder.addFloat32(score);
  const scoreVector = builder.endVector();
  // 'B' becomes 'b', 'Ä' (at 1: the tail of it) nothing.
  builder.startVector(1, 2, 1);
  for (const byte of [0, 98]) builder.addInt8(byte);
  const replacements = builder.endVector();
  builder.startObject(13);
  for (const [field, value] of [
    [1, 1],
    [2, 2],
    [5, 10],
  ] as const)
    builder.addFieldInt32(field, value, 0);
  builder.addFieldInt32(3, 0, -1);
  builder.addFieldFloat32(4, -20, 0);
  builder.addFieldOffset(6, pieces, 0);
  builder.addFieldOffset(7, scoreVector, 0);
  for (const field of [8, 9, 10]) builder.addFieldInt8(field, 1, 0);
  builder.addFieldOffset(11, rules, 0);
  builder.addFieldOffset(12, replacements, 0);
  builder.finish(builder.endObject());
  const model: Fed = { dtype: 'uint8', data: [...builder.asUint8Array()], constant: true };
  const flag = (on: boolean): Fed => ({ dtype: 'bool', data: [on ? 1 : 0], shape: [] });
  const tokenize = (text: readonly string[], ...flags: [boolean, boolean, boolean]) =>
    data(
      'TFSentencepieceTokenizeOp',
      [model, strings(text), int32([0], []), float32([0], []), ...flags.map(flag)],
      ['int32', 'int32'],
    );
  // '▁' and 'ab' are likelier than '▁ab'; what is unknown is one code, without the offset.
  expect(await tokenize(['aB  Äab ', '', 'xyzb'], false, false, false)).toEqual([
    [11, 14, 11, 14, 11, 0, 13],
    [0, 4, 4, 7],
  ]);
  expect(await tokenize(['b', ''], true, true, true)).toEqual([
    [2, 13, 11, 1, 2, 1],
    [0, 4, 6],
  ]);
  await expect(
    data(
      'TFSentencepieceTokenizeOp',
      [
        { ...model, data: model.data.slice(0, 50) },
        strings(['a']),
        int32([0]),
        float32([0]),
        ...[false, false, false].map(flag),
      ],
      ['int32', 'int32'],
    ),
  ).rejects.toThrow(LaneliteError);
});

test('TFSentencepieceDetokenizeOp', async () => {
  const builder = new flatbuffers.Builder();
  const offsets = [' Hell', 'o', ' W', 'örld'].map((piece) => builder.createString(piece));
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.reverse()) builder.addOffset(offset);
  const pieces = builder.endVector();
  builder.startObject(6);
  builder.addFieldInt32(1, 3, 0);
  builder.addFieldOffset(2, pieces, 0);
  builder.addFieldInt8(5, 1, 0);
  builder.finish(builder.endObject());
  const model: Fed = { dtype: 'uint8', data: [...builder.asUint8Array()], constant: true };
  const decode = (codes: readonly number[], splits: readonly number[]) =>
    data('TFSentencepieceDetokenizeOp', [model, int32(codes), int32(splits)], ['string']);
  expect(await decode([3, 4, 5, 6, 5, 4], [0, 4, 4, 6])).toEqual([['Hello Wörld', '', 'Wo']]);
  await expect(decode([7], [0, 1])).rejects.toThrow(ShapeError);
  await expect(decode([2], [0, 1])).rejects.toThrow(ShapeError);
});

/** A tf.Example. */
function example(
  features: Readonly<Record<string, readonly string[] | readonly number[] | readonly bigint[]>>,
): Uint8Array {
  const list = (values: readonly unknown[]) =>
    values.flatMap((value) => {
      if (typeof value === 'string') return field(1, bytes(value));
      return typeof value === 'number' ? float(1, value) : integer(1, Number(value));
    });
  const kinds = { string: 1, number: 2, bigint: 3 } as Record<string, number>;
  const entries = Object.entries(features).flatMap(([name, values]) =>
    field(1, [
      ...field(1, bytes(name)),
      ...field(2, values.length ? field(kinds[typeof values[0]]!, list(values)) : []),
    ]),
  );
  return Uint8Array.from(field(1, entries));
}

test('ParseExampleV2', async () => {
  const examples = strings([
    example({ a: ['x', 'y'], b: [1.5], c: [7n] }),
    example({ c: [8n], a: [], d: [1n, 2n, 3n] }),
  ]);
  const constant = (data: readonly string[]): Fed => ({ ...strings(data), constant: true });
  const inputs = [
    examples,
    constant([]),
    constant(['a', 'd']),
    constant(['b', 'c']),
    constant([]),
    float32([-1]),
    int64([0]),
  ];
  const outputs: DType[] = ['int64', 'int64', 'string', 'int64', 'int64', 'int64', 'float32', 'int64'];
  expect(await data('ParseExampleV2', inputs, outputs, mapOptions({ num_sparse: 2 }))).toEqual([
    [0, 0, 0, 1],
    [1, 0, 1, 1, 1, 2],
    ['x', 'y'],
    [1, 2, 3],
    [2, 2],
    [2, 3],
    [1.5, -1],
    [7, 8],
  ]);
  const [, , , , , , ...dense] = inputs;
  const one = (text: Uint8Array) =>
    data(
      'ParseExampleV2',
      [strings([text]), constant([]), constant([]), constant(['b']), constant([]), dense[0]!],
      ['int64'],
      flexOptions('ParseExampleV2', { num_sparse: 0 }),
    );
  expect(await one(example({ b: [5n] }))).toEqual([[5]]);
  expect(await one(example({}))).toEqual([[0]]);
  await expect(one(example({ b: [5] }))).rejects.toThrow("feature 'b' is not int64");
  await expect(one(example({ b: [5n, 6n] }))).rejects.toThrow(ShapeError);
  await expect(one(Uint8Array.of(10, 9))).rejects.toThrow(LaneliteError);
});

test('protocol buffers that are cut short', () => {
  for (const damaged of [[0x0a, 5, 1], [0x80], [0x0b], [0x0d, 1]]) {
    expect(() => new Message(Uint8Array.from(damaged))).toThrow(LaneliteError);
  }
});

test('Flex operators that nobody has say what Flex is', async () => {
  const unknown = apply('FlexMatrixSolve', [float32([1])], ['float32'], flexOptions('MatrixSolve'));
  await expect(unknown).rejects.toThrow(UnsupportedOperatorError);
  await expect(unknown).rejects.toThrow(/FlexMatrixSolve.*TensorFlow.*SELECT_TF_OPS/s);
});

const there = new Set(sharedFiles(['models/text', 'models/graph', 'models/quantizer', 'inputs/labels'], /./));

/** What a model makes of strings. */
async function answer(file: string, text: readonly string[]) {
  using interpreter = await Interpreter.create(await loadModel(readShared(file)), { customOps: extra });
  interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [text.length]);
  interpreter.allocateTensors();
  const runs: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    interpreter.inputs[0]!.set(text);
    interpreter.invoke();
    runs.push(interpreter.outputs.map((tensor) => elements(tensor)));
  }
  expect(runs[1]).toEqual(runs[0]);
  return runs[0];
}

// Without the models beside the repository (../shared), there is nothing to run.
test.skipIf(!there.has('models/text/whitespace_tokenizer_to_tensor.tflite'))('tokenizer models', async () => {
  const text = ['Hello  Wörld', '', 'what is\tthis '];
  const words = ['Hello', 'Wörld', 'what', 'is', 'this'];
  const padded = ['Hello', 'Wörld', '', '', '', '', 'what', 'is', 'this'];
  expect(await answer('models/text/whitespace_tokenizer_to_tensor.tflite', text)).toEqual([padded]);
  expect(await answer('models/text/whitespace_tokenizer_to_ragged_1d_input.tflite', text)).toEqual([
    words,
    [0, 2, 2, 5],
  ]);
  // The same as 111 nodes, 18 of them Flex.
  expect(await answer('models/text/whitespace_tokenizer_flex_delegate.tflite', text)).toEqual([words, [0, 2, 2, 5]]);
});

test.skipIf(!there.has('models/text/sentencepiece_tokenizer_flex_op.tflite'))('a SentencePiece model', async () => {
  // From the library's own README, whose model this is.
  const sentence = [9, 459, 11, 939, 44, 11, 4, 142, 82, 8, 28, 21, 132, 6];
  const short = [284, 47, 11, 4, 15, 400];
  expect(
    await answer('models/text/sentencepiece_tokenizer_flex_op.tflite', [
      'I saw a girl with a telescope.',
      'This is a test',
    ]),
  ).toEqual([[...sentence, ...short, ...Array<number>(8).fill(0)]]);
  // Wide letters and ligatures are what they stand for.
  expect(await answer('models/text/sentencepiece_tokenizer_flex_op.tflite', ['Ｔｈｉｓ　is a test'])).toEqual([short]);
});

test.skipIf(!there.has('models/quantizer/string_input_flex_model.tflite'))('a model that hashes strings', async () => {
  expect(await answer('models/quantizer/string_input_flex_model.tflite', ['hello'])).toEqual([[400]]);
});

test.skipIf(!there.has('models/text/movie_review.tflite'))('movie_review judges reviews', async () => {
  const lines = (name: string) =>
    new TextDecoder()
      .decode(readShared(`inputs/labels/${name}`))
      .trim()
      .split(/\r?\n/);
  const ids = new Map(lines('vocab.txt').map((line) => line.split(' ') as [string, string]));
  const id = (word: string) => Number(ids.get(word) ?? ids.get('<UNKNOWN>'));
  const labels = lines('labels.txt');
  using interpreter = await Interpreter.create(await loadModel(readShared('models/text/movie_review.tflite')));
  for (const [review, label] of [
    ['This is the best movie I’ve seen in recent years. Strongly recommend it!', 'Positive'],
    ['What a waste of my time.', 'Negative'],
  ] as const) {
    const words = review
      .toLowerCase()
      .split(/[^\w']+/)
      .filter(Boolean);
    const tokens = new Int32Array(interpreter.inputs[0]!.size).fill(id('<PAD>'));
    tokens.set(['<START>', ...words].map(id));
    interpreter.inputs[0]!.set(tokens);
    interpreter.invoke();
    const scores = Array.from(interpreter.outputs[0]!.copy<Float32Array>());
    expect(scores[labels.indexOf(label)]).toBeGreaterThan(0.65);
  }
});

test.skipIf(!there.has('models/graph/parse_example_tflite_model.tflite'))('a model that parses examples', async () => {
  using interpreter = await Interpreter.create(
    await loadModel(readShared('models/graph/parse_example_tflite_model.tflite')),
    { customOps: extra },
  );
  interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [2]);
  interpreter.allocateTensors();
  interpreter.inputs[0]!.set([example({ x: [12.5], y: ['foo'] }), example({})]);
  interpreter.invoke();
  expect(interpreter.outputs.map(elements)).toEqual([
    [12.5, 0],
    ['foo', 'missing'],
  ]);
  expect(interpreter.outputs.map(({ shape }) => shape)).toEqual([
    [2, 1],
    [2, 1],
  ]);
});

const CLASSIFIER = 'models/text/test_model_nl_classifier_with_associated_label.tflite';

test.skipIf(!there.has(CLASSIFIER))('a classifier of text with operators of its own', async () => {
  // What TFLite Support's tests register for it.
  for (const name of ['FLOATS', 'DOUBLES']) {
    registerCustomOp(`CUSTOM_OP_STRING_TO_${name}`, {
      infer: () => [[3]],
      run: ({ outputs }) => outputs[0]!.data.set([255, 510, 765] as never),
    });
  }
  registerCustomOp('CUSTOM_OP_GENERATE_LABELS', {
    infer: () => [[3]],
    run({ inputs, outputs }) {
      for (const i of [0, 1, 2]) outputs[0]!.strings[i] = `${inputs[0]!.strings[0]}${i}`;
    },
  });
  try {
    using interpreter = await Interpreter.create(await loadModel(readShared(CLASSIFIER)));
    interpreter.inputs[0]!.set(['label']);
    interpreter.invoke();
    expect(interpreter.outputs.map(elements)).toEqual([
      [255, 510, 765],
      [1, 2, 3],
      ['label0', 'label1', 'label2'],
      [255, 510, 765],
    ]);
  } finally {
    customOps.clear();
  }
});

test.skipIf(!there.has('models/graph/custom_sinh.tflite'))('an operator that a model asks for', async () => {
  registerCustomOp('Sinh', {
    infer: ({ inputs }) => [inputs[0]!.shape],
    run: ({ inputs, outputs }) => outputs[0]!.data.set((inputs[0]!.data as Float32Array).map(Math.sinh) as never),
  });
  try {
    using interpreter = await Interpreter.create(await loadModel(readShared('models/graph/custom_sinh.tflite')));
    interpreter.inputs[0]!.set([1]);
    interpreter.invoke();
    expect(elements(interpreter.outputs[0]!)).toEqual([Math.fround(Math.sinh(1))]);
  } finally {
    customOps.clear();
  }
});
