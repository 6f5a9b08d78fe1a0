// Hash tables between strings and numbers: filled by a subgraph that runs once, read by the main one.
import { expect, test } from 'vitest';
import type { DType, TypedArray } from '../bindings/dtype.js';
import { InvalidOperatorError } from '../bindings/errors.js';
import { Interpreter, loadModel } from '../bindings/node.js';
import { buildModel, packStrings, type TensorDescription } from './support/build-model.js';

const tensor = (dtype: DType, shape: number[], data?: TypedArray): TensorDescription => ({ dtype, shape, data });

/** Finds keys of an input; `imports` are pairs of keys and values that a subgraph puts into the table, one after the other. */
async function open(keys: DType, values: DType, fallback: TypedArray, imports: [TypedArray, TypedArray][], size = 3) {
  const table = {
    op: 'HASHTABLE',
    inputs: [],
    options: { tableId: 7, keyDtype: keys.toUpperCase(), valueDtype: values.toUpperCase() },
  };
  const model = buildModel({
    subgraphs: [
      {
        tensors: [
          tensor(keys, [4]),
          tensor('resource', [1]),
          tensor(values, [1], fallback),
          tensor(values, [4]),
          tensor('int64', [1]),
        ],
        inputs: [0],
        outputs: [3, 4],
        operators: [
          { op: 'CALL_ONCE', inputs: [], outputs: [], options: { initSubgraphIndex: 1 } },
          { ...table, outputs: [1] },
          { op: 'HASHTABLE_FIND', inputs: [1, 0, 2], outputs: [3] },
          { op: 'HASHTABLE_SIZE', inputs: [1], outputs: [4] },
        ],
      },
      {
        tensors: [
          tensor('resource', [1]),
          ...imports.flatMap(([k, v]) => [tensor(keys, [size], k), tensor(values, [size], v)]),
        ],
        inputs: [],
        outputs: [],
        operators: [
          { ...table, outputs: [0] },
          ...imports.map((_, i) => ({ op: 'HASHTABLE_IMPORT', inputs: [0, 2 * i + 1, 2 * i + 2], outputs: [] })),
        ],
      },
    ],
  });
  return Interpreter.create(await loadModel(model));
}

test('what was imported stays from run to run', async () => {
  const interpreter = await open('string', 'int64', BigInt64Array.of(-1n), [
    [packStrings(['a', 'ä', '']), BigInt64Array.of(1n, 2n, 3n)],
    [packStrings(['a', 'b', 'c']), BigInt64Array.of(7n, 8n, 9n)],
  ]);
  interpreter.inputs[0]!.set(['ä', '', 'b', 'a']);
  interpreter.invoke();
  expect([...interpreter.outputs[0]!.copy()]).toEqual([2n, 3n, -1n, 1n]);
  interpreter.resetVariables();
  interpreter.invoke();
  expect([...interpreter.outputs[1]!.copy()]).toEqual([3n]);
  interpreter.close();
});

test('a table without contents is an error', async () => {
  const interpreter = await open('string', 'int64', BigInt64Array.of(0n), []);
  expect(() => interpreter.invoke()).toThrow(InvalidOperatorError);
  interpreter.close();
});
