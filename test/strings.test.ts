// String tensors: in, out, constant, and forgotten.
import { expect, test } from 'vitest';
import { TensorDataError } from '../bindings/errors.js';
import { stringsOf } from '../bindings/graph/strings.js';
import { Interpreter, loadModel, type Tensor } from '../bindings/node.js';
import { buildModel, packStrings } from './support/build-model.js';

/** Gathers words of a constant list and of an input, and says which of them agree. */
const words = buildModel({
  subgraphs: [
    {
      tensors: [
        { dtype: 'string', shape: [3] },
        { dtype: 'int32', shape: [2] },
        { dtype: 'string', shape: [3], data: packStrings(['ja', 'nein', 'träge']) },
        { dtype: 'string', shape: [2] },
        { dtype: 'string', shape: [2] },
      ],
      inputs: [0, 1],
      outputs: [3, 4],
      operators: [
        { op: 'GATHER', inputs: [0, 1], outputs: [3], options: { axis: 0 } },
        { op: 'GATHER', inputs: [2, 1], outputs: [4], options: { axis: 0 } },
      ],
    },
  ],
});

const text = (tensor: Tensor) => tensor.copy<string[]>();

test('strings go in and come out', async () => {
  const interpreter = await Interpreter.create(await loadModel(words));
  const [input, index] = interpreter.inputs;
  input!.set(['ö', '', '𝄞 clef']);
  index!.set([2, 0]);
  interpreter.invoke();
  expect(interpreter.outputs.map(text)).toEqual([
    ['𝄞 clef', 'ö'],
    ['träge', 'ja'],
  ]);
  expect(text(input!)).toEqual(['ö', '', '𝄞 clef']);
  expect(interpreter.outputs[0]!.bytes()).toEqual(packStrings(['𝄞 clef', 'ö']));
  input!.set(packStrings(['a', 'b', 'c']));
  interpreter.invoke();
  expect(text(interpreter.outputs[0]!)).toEqual(['c', 'a']);
  expect(() => input!.set(['one'])).toThrow(TensorDataError);
  expect(() => input!.set([1, 2, 3])).toThrow(TensorDataError);
  expect(() => input!.set(Uint8Array.of(3, 0, 0, 0))).toThrow(TensorDataError);
  interpreter.close();
});

test('strings that no tensor holds are forgotten', async () => {
  const model = await loadModel(words);
  const interpreters = [await Interpreter.create(model), await Interpreter.create(model)];
  interpreters[1]!.inputs[0]!.set(['keep', 'these', 'words']);
  const strings = stringsOf(model.resources);
  for (let i = 0; i < 20_000; i++) {
    interpreters[0]!.inputs[0]!.set([`a${i}`, `b${i}`, `c${i}`]);
    if (i % 100) continue;
    interpreters[0]!.inputs[1]!.set([1, 2]);
    interpreters[0]!.invoke();
    expect(interpreters[0]!.outputs.map(text)).toEqual([
      [`b${i}`, `c${i}`],
      ['nein', 'träge'],
    ]);
  }
  expect(strings.size).toBeLessThan(9000);
  interpreters[1]!.inputs[1]!.set([0, 1]);
  interpreters[1]!.invoke();
  expect(interpreters[1]!.outputs.map(text)).toEqual([
    ['keep', 'these'],
    ['ja', 'nein'],
  ]);
});

test('LSH_PROJECTION hashes pieces of the buffer of strings', async () => {
  // 16 bytes of offsets and 5 of text: two strings of 10 bytes each, and one that nobody sees.
  const packed = packStrings(['ab', 'cde']);
  const operator = (input: number, output: number) => ({
    op: 'LSH_PROJECTION',
    inputs: [0, input],
    outputs: [output],
    options: { type: 'DENSE' },
  });
  const model = buildModel({
    subgraphs: [
      {
        tensors: [
          { dtype: 'float32', shape: [4, 8], data: Float32Array.from({ length: 32 }, (_, i) => i / 7) },
          { dtype: 'string', shape: [2], data: packed },
          { dtype: 'uint8', shape: [2, 10], data: packed.slice(0, 20) },
          { dtype: 'string', shape: [2] },
          ...[0, 1, 2].map(() => ({ dtype: 'int32' as const, shape: [32] })),
        ],
        inputs: [3],
        outputs: [4, 5, 6],
        operators: [operator(1, 4), operator(2, 5), operator(3, 6)],
      },
    ],
  });
  const interpreter = await Interpreter.create(await loadModel(model));
  interpreter.inputs[0]!.set(['ab', 'cde']);
  interpreter.invoke();
  const [constant, bytes, fed] = interpreter.outputs.map((tensor) => tensor.copy<Int32Array>());
  expect(new Set(bytes).size).toBe(2);
  expect(constant).toEqual(bytes);
  expect(fed).toEqual(bytes);
  interpreter.close();
});
