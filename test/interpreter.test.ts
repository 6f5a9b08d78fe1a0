import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  Engine,
  HostError,
  Interpreter,
  loadModel,
  MemoryLimitError,
  ModelFormatError,
  NotFoundError,
  ShapeError,
  StateError,
  TensorDataError,
  UnsupportedOperatorError,
} from '../bindings/index.js';
import {
  buildModel,
  type OperatorDescription,
  type SubgraphDescription,
  type TensorDescription,
} from './support/build-model.js';
import './support/builds.js';

/** y = relu(x + 1) * x, over [n, 3] with n open. */
const main: SubgraphDescription = {
  tensors: [
    { name: 'x', dtype: 'float32', shape: [1, 3], shapeSignature: [-1, 3] },
    { name: 'one', dtype: 'float32', shape: [1], data: Float32Array.of(1) },
    { name: 'sum', dtype: 'float32', shape: [1, 3], shapeSignature: [-1, 3] },
    { name: 'clamped', dtype: 'float32', shape: [1, 3], shapeSignature: [-1, 3] },
    { name: 'y', dtype: 'float32', shape: [1, 3], shapeSignature: [-1, 3] },
  ],
  inputs: [0],
  outputs: [4],
  operators: [
    { op: 'ADD', inputs: [0, 1], outputs: [2] },
    { op: 'RELU', inputs: [2], outputs: [3] },
    { op: 'MUL', inputs: [3, 0], outputs: [4] },
  ],
};
const bytes = buildModel({
  subgraphs: [main],
  signatures: [{ key: 'serving_default', inputs: { image: 0 }, outputs: { scores: 4 } }],
});

/** reshape(x, shape): the output's shape is known after a look at the data only. */
const dynamic = buildModel({
  subgraphs: [
    {
      tensors: [
        { name: 'x', dtype: 'float32', shape: [6] },
        { name: 'shape', dtype: 'int32', shape: [2] },
        { name: 'reshaped', dtype: 'float32', shape: [1, 1], shapeSignature: [-1, -1] },
        { name: 'y', dtype: 'float32', shape: [1, 1], shapeSignature: [-1, -1] },
      ],
      inputs: [0, 1],
      outputs: [3],
      operators: [
        { op: 'RESHAPE', inputs: [0, 1], outputs: [2] },
        { op: 'NEG', inputs: [2], outputs: [3] },
      ],
    },
  ],
});

describe('running', () => {
  test('sets, invokes, reads', async () => {
    using model = await loadModel(bytes);
    using interpreter = await Interpreter.create(model);
    interpreter.inputs[0]!.set([1, -2, 3]);
    interpreter.invoke();
    expect([...interpreter.outputs[0]!.data()]).toEqual([2, -0, 12]);
    expect([...interpreter.inputs.byName('x').data()], 'inputs survive a run').toEqual([1, -2, 3]);
  });

  test('int64 as bigints and as numbers', async () => {
    const tensors = [0, 1].map(() => ({ dtype: 'int64', shape: [3] }) as const);
    const operators = [{ op: 'NEG', inputs: [0], outputs: [1] }];
    using model = await loadModel(buildModel({ subgraphs: [{ tensors, inputs: [0], outputs: [1], operators }] }));
    using interpreter = await Interpreter.create(model);
    const [input, output] = [interpreter.inputs[0]!, interpreter.outputs[0]!];
    for (const data of [BigInt64Array.of(1n, -2n, 2n ** 40n), [1n, -2n, 2n ** 40n], [1, -2, 2 ** 40]]) {
      input.set(data);
      interpreter.invoke();
      expect(output.data()).toEqual(BigInt64Array.of(-1n, 2n, -(2n ** 40n)));
      expect(output.numbers()).toEqual([-1, 2, -(2 ** 40)]);
    }
    expect(() => input.set(Float64Array.of(1, 2, 3))).toThrow(TensorDataError);
  });

  test('the names of TFLite do the same', async () => {
    using model = await loadModel(bytes);
    using interpreter = await Interpreter.create(model);
    const [input] = interpreter.getInputDetails();
    const [output] = interpreter.getOutputDetails();
    expect(input).toMatchObject({ name: 'x', shape: [1, 3], shapeSignature: [-1, 3], dtype: 'float32' });
    interpreter.setTensor(input!.index, Float32Array.of(1, 2, 3));
    interpreter.invoke();
    expect([...interpreter.getTensor(output!.index)]).toEqual([2, 6, 12]);
  });

  test('resizes', async () => {
    using model = await loadModel(bytes);
    using interpreter = await Interpreter.create(model);
    const { index } = interpreter.inputs[0]!;
    interpreter.resizeInputTensor(index, [2, 3], { strict: true });
    interpreter.allocateTensors();
    expect(interpreter.outputs[0]!.shape).toEqual([2, 3]);
    interpreter.inputs[0]!.set([1, 2, 3, 4, 5, 6]);
    interpreter.invoke();
    expect([...interpreter.outputs[0]!.data()]).toEqual([2, 6, 12, 20, 30, 42]);
    expect(() => interpreter.resizeInputTensor(index, [2, 4], { strict: true })).toThrow(ShapeError);
    expect(() => interpreter.resizeInputTensor(index, [2, -3])).toThrow(ShapeError);
    expect(() => interpreter.resizeInputTensor(4, [2, 3])).toThrow(NotFoundError);
  });

  test('tensors find their bytes again when memory grows', async () => {
    const engine = await Engine.create();
    using model = await loadModel(bytes, { engine });
    using interpreter = await Interpreter.create(model);
    const [input, output] = [interpreter.inputs[0]!, interpreter.outputs[0]!];
    input.set([1, 2, 3]);
    const before = input.data();
    using large = await Interpreter.create(model);
    large.resizeInputTensor(0, [20000, 3]);
    large.allocateTensors();
    expect(before.length).toBe(0);
    expect([...input.data()]).toEqual([1, 2, 3]);
    input.set(new Uint8Array(Float32Array.of(3, 2, 1).buffer));
    interpreter.invoke();
    expect([...output.copy()]).toEqual([12, 6, 2]);
    expect(new Float32Array(output.bytes().buffer)).toEqual(Float32Array.of(12, 6, 2));
    interpreter.close();
    expect(() => input.set([1, 2, 3])).toThrow(StateError);
  });

  test('thousands of changing shapes do not grow memory', async () => {
    using model = await loadModel(bytes);
    using interpreter = await Interpreter.create(model);
    let settled = 0;
    for (let i = 0; i < 2000; i++) {
      interpreter.resizeInputTensor(0, [(i % 97) + 1, 3]);
      interpreter.allocateTensors();
      interpreter.inputs[0]!.set(new Float32Array(3 * ((i % 97) + 1)).fill(2));
      interpreter.invoke();
      expect(interpreter.outputs[0]!.data()[0]).toBe(6);
      if (i === 200) settled = interpreter.memory.total;
    }
    expect(interpreter.memory.total).toBe(settled);
  });

  test('shapes that depend on data', async () => {
    using model = await loadModel(dynamic);
    using interpreter = await Interpreter.create(model);
    for (const shape of [
      [2, 3],
      [3, 2],
      [6, -1],
      [1, 6],
      [2, 3],
      [-1, 2],
      [6, 1],
      [3, -1],
    ]) {
      interpreter.inputs[0]!.set([1, 2, 3, 4, 5, 6]);
      interpreter.inputs[1]!.set(shape);
      interpreter.invoke();
      expect(interpreter.outputs[0]!.shape).toEqual(shape.map((d, i) => (d < 0 ? 6 / shape[1 - i]! : d)));
      expect([...interpreter.outputs[0]!.data()]).toEqual([-1, -2, -3, -4, -5, -6]);
    }
    interpreter.inputs[1]!.set([4, 4]);
    expect(() => interpreter.invoke()).toThrow(ShapeError);
    interpreter.inputs[1]!.set([2, 3]);
    interpreter.invoke();
    expect(interpreter.outputs[0]!.shape).toEqual([2, 3]);
  });

  test('chains of shapes that depend on data do not multiply what is kept', async () => {
    // Each reshape has four continuations, and each of those has four: 4096 ways through six of them.
    const tensors: TensorDescription[] = [{ dtype: 'float32', shape: [24] }];
    const operators: OperatorDescription[] = [];
    const inputs = [0];
    let last = 0;
    for (let i = 0; i < 6; i++) {
      const shape = tensors.push({ dtype: 'int32', shape: [2] }) - 1;
      inputs.push(shape);
      const reshaped = tensors.push({ dtype: 'float32', shape: [1, 1] }) - 1;
      const negated = tensors.push({ dtype: 'float32', shape: [1, 1] }) - 1;
      operators.push({ op: 'RESHAPE', inputs: [last, shape], outputs: [reshaped] });
      operators.push({ op: 'NEG', inputs: [reshaped], outputs: [negated] });
      last = negated;
    }
    using model = await loadModel(buildModel({ subgraphs: [{ tensors, inputs, outputs: [last], operators }] }));
    using interpreter = await Interpreter.create(model);
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    interpreter.inputs[0]!.set(data);
    for (let k = 0; k < 1200; k++) {
      for (let i = 0; i < 6; i++) {
        const rows = 1 + (Math.floor(k / 4 ** i) % 4);
        interpreter.inputs[i + 1]!.set([rows, 24 / rows]);
      }
      interpreter.invoke();
      const rows = 1 + (Math.floor(k / 4 ** 5) % 4);
      expect(interpreter.outputs[0]!.shape).toEqual([rows, 24 / rows]);
      if (k % 100 === 0) expect(interpreter.outputs[0]!.data()).toEqual(data);
    }
    expect(interpreter.memory.total).toBeLessThan(1 << 19);
  });

  test('signatures go by their own names', async () => {
    using model = await loadModel(bytes);
    using interpreter = await Interpreter.create(model);
    expect(interpreter.getSignatureList()).toEqual({ serving_default: { inputs: ['image'], outputs: ['scores'] } });
    const runner = interpreter.getSignatureRunner();
    expect(interpreter.getSignatureRunner('serving_default')).toBe(runner);
    expect([...runner.run({ image: [1, 2, 3] }).scores!]).toEqual([2, 6, 12]);
    expect(() => runner.run({ picture: [1] })).toThrow(NotFoundError);
    expect(() => interpreter.getSignatureRunner('other')).toThrow(/serving_default/);
  });

  test('preserveAllTensors keeps what fusion and reuse remove', async () => {
    using model = await loadModel(bytes);
    using plain = await Interpreter.create(model);
    plain.inputs[0]!.set([1, -2, 3]);
    plain.invoke();
    expect(() => plain.getTensor(2)).toThrow(StateError);
    using interpreter = await Interpreter.create(model, { preserveAllTensors: true });
    interpreter.inputs[0]!.set([1, -2, 3]);
    interpreter.invoke();
    expect([...interpreter.getTensor(2)]).toEqual([2, -1, 4]);
    expect([...interpreter.getTensor(3)]).toEqual([2, 0, 4]);
    expect([...interpreter.getTensor(1)]).toEqual([1]);
  });
});

describe('sharing and closing', () => {
  test('interpreters of one model do not disturb each other', async () => {
    using model = await loadModel(bytes);
    using a = await Interpreter.create(model);
    using b = await Interpreter.create(model);
    a.inputs[0]!.set([1, 2, 3]);
    b.inputs[0]!.set([4, 5, 6]);
    a.invoke();
    b.invoke();
    expect([...a.outputs[0]!.data()]).toEqual([2, 6, 12]);
    expect([...b.outputs[0]!.data()]).toEqual([20, 30, 42]);
  });

  test('memory goes back when model and interpreters are closed, in any order', async () => {
    const engine = await Engine.create();
    const model = await loadModel(bytes, { engine });
    const interpreter = await Interpreter.create(model);
    model.close();
    interpreter.inputs[0]!.set([1, 2, 3]);
    interpreter.invoke();
    await expect(Interpreter.create(model)).rejects.toThrow(StateError);
    expect(engine.map.used()).toBeGreaterThan(0);
    interpreter.close();
    interpreter.close();
    expect(engine.map.used()).toBe(0);
    expect(() => interpreter.invoke()).toThrow(StateError);
    expect(() => interpreter.getInputDetails()).toThrow(StateError);
  });

  test('nothing leaks over many loads, good and bad', async () => {
    const engine = await Engine.create();
    const bad = buildModel({
      subgraphs: [
        {
          ...main,
          tensors: main.tensors.map((t, i) => (i === 1 ? { ...t, shape: [2], data: Float32Array.of(1, 1) } : t)),
        },
      ],
    });
    for (let i = 0; i < 300; i++) {
      using model = await loadModel(i % 3 ? bytes : bad, { engine });
      if (i % 3) (await Interpreter.create(model)).close();
      else await expect(Interpreter.create(model)).rejects.toThrow(ShapeError);
    }
    expect(engine.map.used()).toBe(0);
    expect(engine.memory.buffer.byteLength).toBeLessThan(1 << 20);
  });
});

describe('errors', () => {
  test('data that does not fit', async () => {
    using model = await loadModel(bytes);
    using interpreter = await Interpreter.create(model);
    const [x] = interpreter.inputs;
    expect(() => x!.set([1, 2])).toThrow(TensorDataError);
    expect(() => x!.set(new ArrayBuffer(8))).toThrow(TensorDataError);
    expect(() => x!.set(new Int16Array(3))).toThrow(TensorDataError);
    expect(() => x!.set(Float32Array.of(1))).toThrow(/expected/);
    expect(() => interpreter.setTensor(1, [1])).toThrow(/constant/);
    expect(() => interpreter.getTensor(99)).toThrow(NotFoundError);
    expect(() => interpreter.inputs.byName('z')).toThrow(/'x'/);
  });

  test('a memory limit', async () => {
    await expect(loadModel(bytes, { maxMemory: 4096 })).rejects.toThrow(MemoryLimitError);
    using model = await loadModel(bytes, { maxMemory: 1 << 20 });
    using interpreter = await Interpreter.create(model);
    interpreter.resizeInputTensor(0, [1 << 20, 3]);
    expect(() => interpreter.allocateTensors()).toThrow(MemoryLimitError);
    interpreter.resizeInputTensor(0, [1 << 29, 3]);
    expect(() => interpreter.invoke()).toThrow(MemoryLimitError);
    interpreter.resizeInputTensor(0, [1, 3]);
    interpreter.allocateTensors();
    interpreter.inputs[0]!.set([1, 2, 3]);
    interpreter.invoke();
    expect([...interpreter.outputs[0]!.data()]).toEqual([2, 6, 12]);
  });

  test('all missing operators at once', async () => {
    const custom = (op: string) => ({ op, custom: true, inputs: [0], outputs: [1] });
    const model = await loadModel(
      buildModel({
        subgraphs: [
          {
            tensors: [0, 1, 2, 3].map(() => ({ dtype: 'float32', shape: [1] }) as const),
            inputs: [0],
            outputs: [3],
            operators: [
              custom('FlexFoo'),
              { ...custom('Mine'), inputs: [1], outputs: [2] },
              { ...custom('Mine'), inputs: [2], outputs: [3] },
            ],
          },
        ],
      }),
    );
    const error = await Interpreter.create(model).catch((e) => e);
    expect(error).toBeInstanceOf(UnsupportedOperatorError);
    expect(error.code).toBe('UNSUPPORTED_OPERATOR');
    expect(error.operators).toHaveLength(3);
    expect(error.message).toMatch(/FlexFoo.*TFLITE_BUILTINS[\s\S]*Mine: unknown custom operator.* \(2 nodes\)/);
    expect(model.engine.map.used('arena')).toBe(0);
  });

  test('not a model, not a build, not an option', async () => {
    await expect(loadModel(new Uint8Array(100))).rejects.toThrow(ModelFormatError);
    await expect(loadModel(bytes, { build: 'avx' as never })).rejects.toThrow(HostError);
    using model = await loadModel(bytes);
    await expect(Interpreter.create(model, { arithmetic: 'sloppy' as never })).rejects.toThrow(ArgumentError);
    await expect(Interpreter.create(model, { threads: 0 })).rejects.toThrow(ArgumentError);
  });
});
