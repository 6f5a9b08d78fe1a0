// Custom operators in JavaScript.
import * as flexbuffers from 'flatbuffers/js/flexbuffers.js';
import { afterEach, expect, test } from 'vitest';
import type { DType, TypedArray } from '../bindings/dtype.js';
import { InvalidOperatorError, UnsupportedOperatorError } from '../bindings/errors.js';
import { type CustomOp, Interpreter, loadModel, registerCustomOp } from '../bindings/node.js';
import { customOps } from '../bindings/ops/custom-op.js';
import { buildModel, type TensorDescription } from './support/build-model.js';

afterEach(() => customOps.clear());

const tensor = (shape: number[], dtype: DType = 'float32', data?: TypedArray): TensorDescription => ({
  dtype,
  shape,
  data,
});

/** NEG, then the operator, then ADD of 1. */
function between(op: string, customOptions?: Uint8Array) {
  return buildModel({
    subgraphs: [
      {
        tensors: [tensor([4]), tensor([4]), tensor([4]), tensor([1], 'float32', Float32Array.of(1)), tensor([4])],
        inputs: [0],
        outputs: [4],
        operators: [
          { op: 'NEG', inputs: [0], outputs: [1] },
          { op, custom: true, inputs: [1], outputs: [2], customOptions },
          { op: 'ADD', inputs: [2, 3], outputs: [4] },
        ],
      },
    ],
  });
}

async function open(bytes: Uint8Array, threads = 1): Promise<Interpreter> {
  return Interpreter.create(await loadModel(bytes), { threads });
}

const scale: CustomOp = {
  infer: ({ inputs }) => [inputs[0]!.shape],
  run({ inputs, outputs, options }) {
    const { factor } = options as { factor: number };
    for (const [i, x] of inputs[0]!.data.entries()) outputs[0]!.data[i] = Number(x) * factor;
  },
};
const factor = (value: number) => new Uint8Array(flexbuffers.encode({ factor: value }));

test.each([1, 2])('runs between kernels, with its options (%s threads)', async (threads) => {
  registerCustomOp('Scale', scale);
  const interpreter = await open(between('Scale', factor(3)), threads);
  expect(interpreter.outputs[0]!.shape).toEqual([4]);
  for (const x of [1, 2]) {
    interpreter.inputs[0]!.set([x, 2, 3, 4]);
    if (threads > 1) await interpreter.invokeAsync();
    else interpreter.invoke();
    expect([...interpreter.getTensor(4)]).toEqual([1 - 3 * x, -5, -8, -11]);
  }
  interpreter.resizeInputTensor(0, [2]);
  interpreter.allocateTensors();
  interpreter.inputs[0]!.set([1, 2]);
  interpreter.invoke();
  expect([...interpreter.getTensor(4)]).toEqual([-2, -5]);
  interpreter.close();
});

test.each<CustomOp['lower']>([
  undefined,
  () => null,
  ({ outputs: [y] }) => ({ kernel: 'absent', args: [y!], units: 1 }),
])('gives outputs whose shape depends on the data, in bounded memory (%#)', async (lower) => {
  registerCustomOp('Positive', {
    lower,
    infer: ({ inputs }) => [[Array.from(inputs[0]!.data, Number).filter((x) => x > 0).length]],
    run: ({ inputs, outputs }) => outputs[0]!.data.set(inputs[0]!.data.filter((x) => Number(x) > 0) as never),
  });
  const interpreter = await open(between('Positive'));
  let before = 0;
  for (let i = 0; i < 300; i++) {
    const x = [0, 1, 2, 3].map((k) => ((i >> k) & 1 ? -1 - k : 1 + k));
    interpreter.inputs[0]!.set(x);
    interpreter.invoke();
    expect([...interpreter.getTensor(4)]).toEqual(x.filter((x) => x < 0).map((x) => 1 - x));
    if (i === 20) before = interpreter.memory.used;
  }
  expect(interpreter.memory.used).toBe(before);
  interpreter.close();
});

test('outputs of the model may be its own', async () => {
  registerCustomOp('Constant', {
    infer: () => [[2], []],
    run({ outputs }) {
      outputs[0]!.data.set([5n, 6n] as never);
      outputs[1]!.data.set([1] as never);
    },
  });
  const interpreter = await open(
    buildModel({
      subgraphs: [
        {
          tensors: [tensor([2], 'int64'), tensor([], 'bool')],
          inputs: [],
          outputs: [0, 1],
          operators: [{ op: 'Constant', custom: true, inputs: [], outputs: [0, 1] }],
        },
      ],
    }),
  );
  interpreter.invoke();
  expect(interpreter.outputs.map((t) => [...t.copy()])).toEqual([[5n, 6n], [1]]);
  interpreter.close();
});

test('says what is wrong, and where', async () => {
  await expect(open(between('Unknown'))).rejects.toThrow(UnsupportedOperatorError);
  registerCustomOp('Bad', { infer: () => [[-1]], run() {} });
  await expect(open(between('Bad'))).rejects.toThrow(/Bad \(node 1\): infer\(\) gave \[\[-1\]\]/);
  registerCustomOp('Bad', { infer: () => [], run() {} });
  await expect(open(between('Bad'))).rejects.toThrow(InvalidOperatorError);
  const cause = new Error('no luck');
  registerCustomOp('Bad', {
    infer: ({ inputs }) => [inputs[0]!.shape],
    run() {
      throw cause;
    },
  });
  const interpreter = await open(between('Bad'));
  expect(() => interpreter.invoke()).toThrow(expect.objectContaining({ code: 'INVALID_OPERATOR', cause }));
  interpreter.close();
  registerCustomOp('Bad', { infer: () => [[3, 3]], run() {} });
  await expect(open(between('Bad'))).resolves.toBeDefined();
});

const copies = (lower: CustomOp['lower'], run?: CustomOp['run']) =>
  registerCustomOp('Copy', { infer: ({ inputs }) => [inputs[0]!.shape], lower, run } as CustomOp);

test.each([1, 2])('lowers to kernels (%s threads)', async (threads) => {
  copies(({ inputs: [x], outputs: [y], temporary, options, customOptions }) => {
    expect([y!.shape, options, customOptions]).toEqual([[4], {}, null]);
    const between = temporary(16);
    return [
      { kernel: 'x8_copy', args: [Float32Array.of(1, 2, 3, 4), y!], units: 16 },
      { kernel: 'x8_copy', args: [x!, between], units: 16 },
      { kernel: 'x8_copy', args: [between, y!], units: 12 },
    ];
  });
  const interpreter = await open(between('Copy'), threads);
  interpreter.inputs[0]!.set([1, 2, 3, 4]);
  interpreter.invoke();
  expect([...interpreter.getTensor(4)]).toEqual([0, -1, -2, 5]);
  expect(interpreter.plans.flatMap(({ instructions }) => instructions.map(({ kernel }) => kernel))).toContain(
    'x8_copy',
  );
  interpreter.close();
});

test('says what is wrong with a lowering', async () => {
  const stranger = { dtype: 'float32', shape: [4], quantization: null } as const;
  copies(({ inputs: [x], outputs: [y] }) => ({ kernel: 'x8_copy', args: [x!, y!, 5], units: 16 }));
  await expect(open(between('Copy'))).rejects.toThrow(
    /Copy \(node 1\): lower\(\) gave kernel 'x8_copy' 3 arguments of 2/,
  );
  copies(({ inputs: [x], outputs: [y] }) => ({ kernel: 'x8_copy', args: [x!, y!], units: 1.5 }));
  await expect(open(between('Copy'))).rejects.toThrow(/gave 1.5 units/);
  copies(({ inputs: [x] }) => ({ kernel: 'x8_copy', args: [{ ...stranger, name: x!.name }, x!], units: 16 }));
  await expect(open(between('Copy'))).rejects.toThrow(InvalidOperatorError);
  copies(({ inputs: [x] }) => ({ kernel: 'x8_copy', args: [x!, undefined as never], units: 16 }));
  await expect(open(between('Copy'))).rejects.toThrow(/neither a number nor of this call/);
  copies(() => null);
  await expect(open(between('Copy'))).rejects.toThrow(/no kernel for this form, and there is no run\(\)/);
  copies(undefined);
  await expect(open(between('Copy'))).rejects.toThrow(/neither run\(\) nor lower\(\)/);
});

test('reads and writes strings', async () => {
  registerCustomOp('Split', {
    infer: ({ inputs }) => [[inputs[0]!.strings[0]!.split(' ').length]],
    run({ inputs, outputs }) {
      for (const [i, word] of inputs[0]!.strings[0]!.split(' ').entries()) outputs[0]!.strings[i] = word;
    },
  });
  const interpreter = await open(
    buildModel({
      subgraphs: [
        {
          tensors: [
            tensor([1], 'string'),
            tensor([1], 'string'),
            tensor([1], 'string'),
            tensor([1], 'int32', Int32Array.of(2)),
          ],
          inputs: [0],
          outputs: [2],
          operators: [
            { op: 'Split', custom: true, inputs: [0], outputs: [1] },
            { op: 'TILE', inputs: [1, 3], outputs: [2] },
          ],
        },
      ],
    }),
  );
  interpreter.inputs[0]!.set(['größer als 1']);
  interpreter.invoke();
  expect(interpreter.outputs[0]!.copy<string[]>()).toEqual(['größer', 'als', '1', 'größer', 'als', '1']);
  interpreter.close();
});
