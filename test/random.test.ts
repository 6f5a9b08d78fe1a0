// Random operators go on from run to run: what one run leaves is where the next begins.
import { expect, test } from 'vitest';
import { Interpreter, loadModel } from '../bindings/node.js';
import { buildModel } from './support/build-model.js';

const SHAPE = Int32Array.of(2, 3);

/** Two generators of the same seeds, each with a stream of its own. */
const model = (seed: number, seed2 = 0) =>
  buildModel({
    subgraphs: [
      {
        tensors: [
          { dtype: 'int32', shape: [2], data: SHAPE },
          { dtype: 'float32', shape: [2, 3] },
          { dtype: 'float32', shape: [2, 3] },
        ],
        inputs: [],
        outputs: [1, 2],
        operators: [1, 2].map((y) => ({ op: 'RANDOM_UNIFORM', inputs: [0], outputs: [y], options: { seed, seed2 } })),
      },
    ],
  });

async function runs(bytes: Uint8Array, threads = 1): Promise<number[][]> {
  const interpreter = await Interpreter.create(await loadModel(bytes), { threads });
  const found: number[][] = [];
  for (let i = 0; i < 3; i++) {
    interpreter.invoke();
    const [first, second] = interpreter.outputs.map((tensor) => Array.from(tensor.copy<Float32Array>()));
    expect(second).toEqual(first);
    found.push(first!);
  }
  interpreter.close();
  return found;
}

test('a stream goes on, and is the same for every interpreter and number of threads', async () => {
  const [first, second, third] = await runs(model(7));
  expect(second).not.toEqual(first);
  expect(third).not.toEqual(second);
  expect(await runs(model(7))).toEqual([first, second, third]);
  expect(await runs(model(7), 2)).toEqual([first, second, third]);
  expect(await runs(model(7, 1))).not.toEqual([first, second, third]);
});

test('without seeds, no two streams are the same', async () => {
  const interpreters = await Promise.all([0, 1].map(async () => Interpreter.create(await loadModel(model(0)))));
  const found = interpreters.flatMap((interpreter) => {
    interpreter.invoke();
    const outputs = interpreter.outputs.map((tensor) => `${tensor.copy()}`);
    interpreter.close();
    return outputs;
  });
  expect(new Set(found).size).toBe(4);
});

test('a stream begins anew with other shapes of the inputs, and goes on with others of the output', async () => {
  const bytes = buildModel({
    subgraphs: [
      {
        tensors: [
          { dtype: 'int32', shape: [1] },
          { dtype: 'float32', shape: [1], shapeSignature: [-1] },
        ],
        inputs: [0],
        outputs: [1],
        operators: [{ op: 'RANDOM_UNIFORM', inputs: [0], outputs: [1], options: { seed: 7, seed2: 3 } }],
      },
    ],
  });
  const draw = async (shapes: number[][]) => {
    using interpreter = await Interpreter.create(await loadModel(bytes));
    return shapes.flatMap((shape) => {
      interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [shape.length]);
      interpreter.allocateTensors();
      interpreter.inputs[0]!.set(shape);
      interpreter.invoke();
      expect(interpreter.outputs[0]!.shape).toEqual(shape);
      return Array.from(interpreter.outputs[0]!.copy<Float32Array>());
    });
  };
  // Draws are of four.
  const [long, short] = [await draw([[24]]), await draw([[2, 4]])];
  expect(await draw([[8], [0], [4], [12]])).toEqual(long);
  expect(await draw([[8], [2, 4], [8]])).toEqual([...short, ...short, ...short]);
  expect(short).toEqual(long.slice(0, 8));
});

test('a stream begins anew behind a tensor whose shape a run has changed', async () => {
  const scalar = (value?: number) => ({
    dtype: 'int32' as const,
    shape: [],
    data: value === undefined ? undefined : Int32Array.of(value),
  });
  const floats = { dtype: 'float32' as const, shape: [2, 3] };
  const random = (y: number) => ({ op: 'RANDOM_UNIFORM', inputs: [3], outputs: [y], options: { seed: 7, seed2: 3 } });
  const bytes = buildModel({
    subgraphs: [
      {
        tensors: [
          scalar(),
          scalar(0),
          scalar(1),
          { dtype: 'int32', shape: [2], data: SHAPE },
          { dtype: 'int32', shape: [1], shapeSignature: [-1] },
          floats,
          floats,
        ],
        inputs: [0],
        outputs: [5, 4, 6],
        operators: [random(5), { op: 'RANGE', inputs: [1, 0, 2], outputs: [4] }, random(6)],
      },
    ],
  });
  using interpreter = await Interpreter.create(await loadModel(bytes));
  const draws = [3, 3, 3, 5, 5, 3].map((n) => {
    interpreter.inputs[0]!.set([n]);
    interpreter.invoke();
    expect(interpreter.outputs[1]!.shape).toEqual([n]);
    return [0, 2].map((i) => `${interpreter.outputs[i]!.copy()}`);
  });
  const stream = draws.map(([first]) => first);
  expect(new Set(stream).size).toBe(6);
  expect(draws.map(([, second]) => stream.indexOf(second))).toEqual([0, 1, 2, 0, 1, 0]);
});
