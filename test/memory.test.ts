// Shapes that never stop changing, by every way in which they can: what an interpreter keeps for them stays within bounds.
import { expect, test } from 'vitest';
import type { DType, TypedArray } from '../bindings/dtype.js';
import { stringsOf } from '../bindings/graph/strings.js';
import { Interpreter, loadModel } from '../bindings/index.js';
import { buildModel, type OperatorDescription, type SubgraphDescription } from './support/build-model.js';
import './support/builds.js';
import { Rng } from './support/random.js';

const RUNS = 1500;

type TensorOf = readonly [dtype: DType, shape: readonly number[], data?: TypedArray];
type Operation = readonly [op: string, inputs: number[], outputs: number[], options?: OperatorDescription['options']];

function graph(tensors: TensorOf[], inputs: number[], outputs: number[], operations: Operation[]): SubgraphDescription {
  return {
    tensors: tensors.map(([dtype, shape, data]) => ({ dtype, shape, data })),
    operators: operations.map(([op, from, to, options]) => ({ op, inputs: from, outputs: to, options })),
    inputs,
    outputs,
  };
}

/** Runs that check what they get; after a tenth of them, no more memory may be wanted, but for what fragments leave. */
async function expectBounded(
  subgraphs: SubgraphDescription[],
  run: (interpreter: Interpreter, rng: Rng, n: number) => void,
  runs = RUNS,
): Promise<void> {
  using model = await loadModel(buildModel({ subgraphs }));
  using interpreter = await Interpreter.create(model);
  const rng = new Rng(3);
  let used = 0;
  let total = 0;
  for (let n = 0; n < runs; n++) {
    run(interpreter, rng, n);
    if (n <= runs / 10) {
      used = Math.max(used, interpreter.memory.used);
      total = interpreter.memory.total;
    } else {
      expect(interpreter.memory.used).toBeLessThanOrEqual(1.5 * used);
    }
  }
  expect(interpreter.memory.total).toBeLessThanOrEqual(2 * total);
}

function resize(interpreter: Interpreter, input: number, shape: readonly number[]): void {
  interpreter.resizeInputTensor(interpreter.inputs[input]!.index, shape);
  interpreter.allocateTensors();
}

test('outputs whose shape depends on data', async () => {
  // The elements above 0, doubled, by their number.
  const main = graph(
    [
      ['float32', [40]],
      ['float32', [], Float32Array.of(0)],
      ['bool', [40]],
      ['int64', [1, 1]],
      ['float32', [1, 1]],
      ['float32', [1, 1]],
    ],
    [0],
    [3, 5],
    [
      ['GREATER', [0, 1], [2]],
      ['WHERE', [2], [3]],
      ['GATHER_ND', [0, 3], [4]],
      ['ADD', [4, 4], [5]],
    ],
  );
  await expectBounded([main], (interpreter, rng) => {
    const n = rng.int(0, 60);
    resize(interpreter, 0, [n]);
    const x = Array.from({ length: n }, () => rng.int(-3, 3));
    interpreter.inputs[0]!.set(x);
    interpreter.invoke();
    const found = x.flatMap((v, i) => (v > 0 ? [i] : []));
    expect(interpreter.outputs[0]!.shape).toEqual([found.length, 1]);
    expect(Array.from(interpreter.outputs[0]!.data(), Number)).toEqual(found);
    expect(Array.from(interpreter.outputs[1]!.copy<Float32Array>())).toEqual(found.map((i) => 2 * x[i]!));
  });
});

test('back and forth between large and small', async () => {
  const main = graph(
    [
      ['float32', [1, 4, 4, 3]],
      ['float32', [8, 3, 3, 3], new Float32Array(216).fill(1)],
      ['float32', [1, 4, 4, 8]],
      ['float32', [1, 4, 4, 8]],
    ],
    [0],
    [3],
    [
      ['CONV_2D', [0, 1], [2], { padding: 'SAME', strideH: 1, strideW: 1 }],
      ['LOGISTIC', [2], [3]],
    ],
  );
  await expectBounded(
    [main],
    (interpreter, rng, n) => {
      const [batch, height, width] = n % 2 ? [1, 1, rng.int(1, 9)] : [rng.int(0, 3), rng.int(1, 24), rng.int(1, 24)];
      resize(interpreter, 0, [batch!, height!, width!, 3]);
      interpreter.invoke();
      expect(interpreter.outputs[0]!.shape).toEqual([batch, height, width, 8]);
      if (batch) expect(interpreter.outputs[0]!.data()[0]).toBe(0.5);
    },
    600,
  );
});

/** `x = x ++ x` while there are fewer than so many rows, then a choice by a flag: more of it, or none. */
const growing = (): SubgraphDescription[] => {
  const row: TensorOf = ['float32', [1, 2]];
  const one = Int32Array.of(1);
  const main = graph(
    [['int32', []], row, ['bool', []], ['int32', []], row, row],
    [0, 1, 2],
    [3, 5],
    [
      ['WHILE', [0, 1], [3, 4], { condSubgraphIndex: 1, bodySubgraphIndex: 2 }],
      ['IF', [2, 4], [5], { thenSubgraphIndex: 3, elseSubgraphIndex: 4 }],
    ],
  );
  const condition = graph(
    [['int32', []], row, ['int32', [], Int32Array.of(0)], ['bool', []]],
    [0, 1],
    [3],
    [['GREATER', [0, 2], [3]]],
  );
  const body = graph(
    [['int32', []], row, ['int32', [], one], ['int32', []], row],
    [0, 1],
    [3, 4],
    [
      ['SUB', [0, 2], [3]],
      ['CONCATENATION', [1, 1], [4], { axis: 0 }],
    ],
  );
  const more = graph([row, row], [0], [1], [['CONCATENATION', [0, 0], [1], { axis: 1 }]]);
  const same = graph([row, row], [0], [1], [['NEG', [0], [1]]]);
  return [main, condition, body, more, same];
};

test('loops and branches over changing shapes', async () => {
  await expectBounded(
    growing(),
    (interpreter, rng) => {
      const [turns, rows, twice] = [rng.int(0, 4), rng.int(1, 6), rng.bool()];
      resize(interpreter, 1, [rows, 2]);
      interpreter.inputs[0]!.set([turns]);
      interpreter.inputs[1]!.set(new Float32Array(2 * rows).fill(rows));
      interpreter.inputs[2]!.set([twice]);
      interpreter.invoke();
      const wanted = [rows * 2 ** turns, twice ? 4 : 2];
      expect(interpreter.outputs[1]!.shape).toEqual(wanted);
      const data = interpreter.outputs[1]!.data();
      expect([data[0], data.at(-1)]).toEqual(twice ? [rows, rows] : [-rows, -rows]);
    },
    1000,
  );
});

test('strings by changing numbers', async () => {
  const main = graph(
    [
      ['string', [2]],
      ['int32', [1]],
      ['string', [1]],
    ],
    [0, 1],
    [2],
    [['GATHER', [0, 1], [2], { axis: 0 }]],
  );
  await expectBounded([main], (interpreter, rng, n) => {
    const words = Array.from({ length: rng.int(1, 9) }, (_, i) => `word ${n}.${i}`);
    const wanted = Array.from({ length: rng.int(0, 6) }, () => rng.int(0, words.length - 1));
    resize(interpreter, 0, [words.length]);
    resize(interpreter, 1, [wanted.length]);
    interpreter.inputs[0]!.set(words);
    interpreter.inputs[1]!.set(wanted);
    interpreter.invoke();
    expect(interpreter.outputs[0]!.copy<string[]>()).toEqual(wanted.map((i) => words[i]));
    expect(stringsOf(interpreter.model.resources).size).toBeLessThan(9000);
  });
});
