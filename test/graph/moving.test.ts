import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TypedArray } from '../../bindings/dtype.js';
import type { Value } from '../../bindings/graph/ir.js';
import { Engine } from '../../bindings/runtime/engine.js';
import { SubgraphRunner } from '../../bindings/runtime/runner.js';
import { builds } from '../support/builds.js';
import { GraphBuilder } from '../support/graph-builder.js';
import { int32 } from '../support/moving.js';
import { allOperators } from '../support/operators.js';

const operators = new Map(allOperators.map((operator) => [operator.name, operator]));
const engine = await Engine.create({ build: builds[0]! });
let g: GraphBuilder;
beforeEach(() => {
  g = new GraphBuilder(engine, operators);
});
afterEach(() => {
  g.release();
  expect(engine.map.used()).toBe(0);
});

const float = (...shape: number[]) => g.tensor({ dtype: 'float32', shape });
const ints = (...numbers: number[]) => g.tensor(int32(numbers));

function node(op: string, inputs: Value[], options = {}, outputs = [float()]): Value[] {
  g.node(op, inputs, outputs, { options });
  return outputs;
}

/** Work that no view can replace: graph inputs and outputs never share memory. */
const reversed = (x: Value) => node('REVERSE_V2', [x, ints(0)])[0]!;

/** The kernels of the compiled graph that don't reverse. */
function kernels(inputs: Value[], outputs: Value[]): string[] {
  const runner = new SubgraphRunner(g.graph(inputs, outputs), g.resources, {
    arithmetic: 'fast',
    preserveAllTensors: false,
  });
  try {
    runner.prepare();
    return runner.plans.flatMap((plan) =>
      plan.instructions.flatMap((i) => (i.node.op === 'REVERSE_V2' ? [] : [`${i.node.op} ${i.kernel}`])),
    );
  } finally {
    runner.release();
  }
}

describe('views cost nothing', () => {
  test('reshapes', () => {
    const x = float(2, 6);
    const [a] = node('RESHAPE', [reversed(x), ints(3, -1, 1)]);
    const [b] = node('SQUEEZE', [a!], { squeezeDims: [2] });
    const [c] = node('EXPAND_DIMS', [b!, ints(0)]);
    expect(kernels([x], [reversed(c!)])).toEqual([]);
  });

  test('slices and splits of the outer dimension', () => {
    const x = float(6, 4);
    const [a] = node('SLICE', [reversed(x), ints(1, 0), ints(4, -1)]);
    const parts = node('SPLIT', [ints(0), a!], { numSplits: 2 }, [float(), float()]);
    const [b] = node('STRIDED_SLICE', [parts[0]!, ints(1), ints(2), ints(1)], { shrinkAxisMask: 1 });
    const rows = node('UNPACK', [parts[1]!], { axis: 0 }, [float(), float()]);
    expect(kernels([x], [b!, ...rows].map(reversed))).toEqual([]);
  });

  test('joining along the outer dimension', () => {
    const [x, y] = [float(2, 3), float(2, 3)];
    const [a] = node('CONCATENATION', [reversed(x), reversed(y)], { axis: 0 });
    const [b] = node('PACK', [a!], { axis: 0 });
    expect(kernels([x, y], [reversed(b!)])).toEqual([]);
  });

  test('padding of the outer dimension writes the padding alone', () => {
    const x = float(2, 3);
    const [y] = node('PAD', [reversed(x), g.tensor(int32([0, 1, 0, 0], [2, 2]))]);
    expect(kernels([x], [reversed(y!)])).toEqual(['PAD x8_copy']);
  });

  test('a value that is joined to itself is copied once', () => {
    const x = float(2, 3);
    const y = reversed(x);
    const [z] = node('CONCATENATION', [y, y], { axis: 0 });
    expect(kernels([x], [reversed(z!)])).toEqual(['CONCATENATION x8_copy']);
  });
});

describe('the kernel fits the move', () => {
  const kernelOf = (shape: number[], perm: number[]) => {
    const x = float(...shape);
    return kernels([x], node('TRANSPOSE', [x, ints(...perm)]));
  };

  test.each<[number[], number[], string]>([
    [[8, 5], [1, 0], 'x32_transpose'],
    [[2, 8, 8, 3], [0, 3, 1, 2], 'x32_transpose'],
    [[4, 3, 16], [1, 0, 2], 'xx_strided_copy'],
    [[1, 4, 1, 3], [2, 1, 3, 0], 'x8_copy'],
  ])('transpose of %j by %j', (shape, perm, kernel) => {
    expect(kernelOf(shape, perm)).toEqual([`TRANSPOSE ${kernel}`]);
  });
});

describe('indices out of range', () => {
  /** Runs GATHER or GATHER_ND on [2, 3] with fed indices. */
  function gather(op: string, indices: TypedArray, dtype: 'int32' | 'int64', shape: number[]): void {
    const x = float(2, 3);
    const i = g.tensor({ dtype, shape });
    const outputs = node(op, [x, i], op === 'GATHER' ? { axis: 0, batchDims: 0 } : {});
    const runner = new SubgraphRunner(g.graph([x, i], outputs), g.resources, {
      arithmetic: 'fast',
      preserveAllTensors: false,
    });
    try {
      runner.prepare();
      engine.bytes.set(new Uint8Array(indices.buffer), runner.locate(i.id).address!);
      runner.run();
    } finally {
      runner.release();
    }
  }

  test.each<[string, TypedArray, 'int32' | 'int64', number[]]>([
    ['GATHER', Int32Array.of(0, 2), 'int32', [2]],
    ['GATHER', Int32Array.of(-1), 'int32', [1]],
    ['GATHER', BigInt64Array.of(2n ** 32n), 'int64', [1]],
    ['GATHER_ND', Int32Array.of(1, 3), 'int32', [1, 2]],
    ['GATHER_ND', BigInt64Array.of(-1n), 'int64', [1, 1]],
  ])('%s %o', (op, indices, dtype, shape) => {
    expect(() => gather(op, indices, dtype, shape)).toThrow(`${op} (node 0): an index is out of range`);
  });

  test('the last index is in range', () => {
    expect(() => gather('GATHER', Int32Array.of(1), 'int32', [1])).not.toThrow();
  });
});

describe('what makes no sense is refused', () => {
  const refused: [string, () => Value[], object, RegExp][] = [
    ['RESHAPE', () => [float(2, 3), ints(4)], {}, /cannot turn \[2,3\] into \[4\]/],
    ['RESHAPE', () => [float(2, 3), ints(-1, -1)], {}, /negative dimension/],
    ['SQUEEZE', () => [float(2, 3)], { squeezeDims: [0] }, /dimension 0 of \[2,3\] is not 1/],
    ['TRANSPOSE', () => [float(2, 3), ints(0, 0)], {}, /not a permutation/],
    ['TRANSPOSE', () => [float(2, 3), ints(0, 2)], {}, /axis 2 is outside/],
    ['PAD', () => [float(2), ints(1, -1)], {}, /must not be negative/],
    ['MIRROR_PAD', () => [float(2), ints(2, 0)], { mode: 'REFLECT' }, /exceed dimension 2/],
    ['CONCATENATION', () => [float(2, 3), float(2, 4)], { axis: 0 }, /cannot join/],
    ['PACK', () => [float(2), float(3)], { axis: 0 }, /cannot stack/],
    ['SPLIT', () => [ints(0), float(3)], {}, /cannot split 3/],
    ['SLICE', () => [float(3), ints(2), ints(2)], {}, /exceed the input/],
    ['STRIDED_SLICE', () => [float(3), ints(3), ints(4), ints(1)], { shrinkAxisMask: 1 }, /index 3 is outside/],
    ['STRIDED_SLICE', () => [float(3), ints(0), ints(3), ints(0)], {}, /stride is 0/],
    ['DEPTH_TO_SPACE', () => [float(1, 2, 2, 3)], { blockSize: 2 }, /do not divide/],
    ['SPACE_TO_BATCH_ND', () => [float(1, 3, 1), ints(2), ints(0, 0)], {}, /do not divide/],
    ['BROADCAST_TO', () => [float(2), ints(3)], {}, /cannot be broadcast/],
    ['GATHER_ND', () => [float(2), g.tensor(int32([0, 0], [1, 2]))], {}, /do not fit a tensor of rank 1/],
  ];

  test.each(refused)('%s %#', (op, inputs, options, message) => {
    const values = inputs();
    const fed = values.filter((value) => !value.constant);
    const outputs = node(op, values, options, op === 'SPLIT' ? [float(), float()] : [float()]);
    expect(() => kernels(fed, outputs)).toThrow(message);
  });
});
