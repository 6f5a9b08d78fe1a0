// Calls of subgraphs and state outside of graphs: what no single operator's specification can say.
import { afterEach, describe, expect, test } from 'vitest';
import type { DType, TypedArray } from '../bindings/dtype.js';
import { InvalidOperatorError, ModelFormatError, UnsupportedOperatorError } from '../bindings/errors.js';
import { Interpreter, loadModel, type Model } from '../bindings/node.js';
import {
  buildModel,
  type OperatorDescription,
  type SignatureDescription,
  type SubgraphDescription,
  type TensorDescription,
} from './support/build-model.js';

/** A subgraph in few words: `[t, inputs, outputs]` of operators name tensors by letters. */
class Graph {
  readonly tensors: TensorDescription[] = [];
  readonly operators: OperatorDescription[] = [];

  add(dtype: DType, shape: readonly number[], data?: TypedArray): number {
    return this.tensors.push({ dtype, shape, data }) - 1;
  }

  f(...shape: number[]): number {
    return this.add('float32', shape);
  }

  i(...shape: number[]): number {
    return this.add('int32', shape);
  }

  int(...values: number[]): number {
    return this.add('int32', values.length === 1 ? [] : [values.length], Int32Array.from(values));
  }

  floats(...values: number[]): number {
    return this.add('float32', [values.length], Float32Array.from(values));
  }

  op(op: string, inputs: number[], outputs: number[], options = {}): number {
    this.operators.push({ op, inputs, outputs, options });
    return outputs[0]!;
  }

  done(inputs: number[], outputs: number[]): SubgraphDescription {
    return { tensors: this.tensors, operators: this.operators, inputs, outputs };
  }
}

/** `i < limit` over variables of which i, int32, is the first. */
function lessThan(limit: number, ...variables: [DType, number[]][]): SubgraphDescription {
  const g = new Graph();
  const inputs = variables.map(([dtype, shape]) => g.add(dtype, shape));
  const answer = g.add('bool', []);
  g.op('LESS', [inputs[0]!, g.int(limit)], [answer]);
  return g.done(inputs, [answer]);
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const thing of open.splice(0).reverse()) thing.close();
});

async function load(subgraphs: SubgraphDescription[], signatures?: SignatureDescription[]): Promise<Model> {
  const model = await loadModel(buildModel({ subgraphs, signatures }));
  open.push(model);
  return model;
}

async function start(model: Model, options = {}): Promise<Interpreter> {
  const interpreter = await Interpreter.create(model, options);
  open.push(interpreter);
  return interpreter;
}

function run(interpreter: Interpreter, ...inputs: (readonly number[])[]): number[][] {
  for (const [i, data] of inputs.entries()) interpreter.inputs[i]!.set(data);
  interpreter.invoke();
  return interpreter.outputs.map((tensor) => Array.from(tensor.copy(), Number));
}

const WHILE = { condSubgraphIndex: 1, bodySubgraphIndex: 2 };

describe('WHILE', () => {
  const types: [DType, number[]][] = [
    ['int32', []],
    ['float32', [20]],
    ['float32', [20]],
    ['float32', [20]],
  ];

  /** (i, a, b, step) → (i + 1, b, a + b, step): variables change places, and one stays. */
  function fibonacci(limit: number): SubgraphDescription[] {
    const main = new Graph();
    const inputs = [main.int(0), main.f(20), main.f(20), main.f(20)];
    const outputs = [main.i(), main.f(20), main.f(20), main.f(20)];
    main.op('WHILE', inputs, outputs, WHILE);
    const body = new Graph();
    const variables = types.map(([dtype, shape]) => body.add(dtype, shape));
    const [i, a, b, step] = variables as [number, number, number, number];
    const sum = body.op('ADD', [a, b], [body.f(20)]);
    const next = body.op('MUL', [sum, step], [body.f(20)]);
    const count = body.op('ADD', [i, body.int(1)], [body.i()]);
    return [
      main.done(inputs.slice(1), outputs),
      lessThan(limit, ...types),
      body.done(variables, [count, b, next, step]),
    ];
  }

  const fill = (x: number) => new Array<number>(20).fill(x);

  test.each([0, 1, 2, 13])('variables that change places, %i times', async (limit) => {
    const interpreter = await start(await load(fibonacci(limit)));
    for (const [a, b, step] of [
      [1, 1, 1],
      [3, 5, 2],
      [1, 1, 1],
    ] as const) {
      let [x, y] = [a as number, b as number];
      for (let i = 0; i < limit; i++) [x, y] = [y, (x + y) * step];
      const [count, ...rest] = run(interpreter, fill(a), fill(b), fill(step));
      expect(count).toEqual([limit]);
      expect(rest).toEqual([fill(x), fill(y), fill(step)]);
    }
  });

  test('with preserveAllTensors, threads, and in the background', async () => {
    const wanted = [[13], fill(377), fill(610), fill(1)];
    expect(
      run(await start(await load(fibonacci(13)), { preserveAllTensors: true }), fill(1), fill(1), fill(1)),
    ).toEqual(wanted);
    const threaded = await start(await load(fibonacci(13)), { threads: 2 });
    expect(run(threaded, fill(1), fill(1), fill(1))).toEqual(wanted);
    await threaded.invokeAsync();
    expect(threaded.outputs.map((tensor) => Array.from(tensor.copy(), Number))).toEqual(wanted);
  });

  test('a body that writes each variable in place copies nothing', async () => {
    const main = new Graph();
    const inputs = [main.int(0), main.f(64)];
    const outputs = [main.i(), main.f(64)];
    main.op('WHILE', inputs, outputs, WHILE);
    const body = new Graph();
    const [i, x] = [body.i(), body.f(64)];
    const doubled = body.op('ADD', [x, x], [body.f(64)]);
    const count = body.op('ADD', [i, body.int(1)], [body.i()]);
    const variables: [DType, number[]][] = [
      ['int32', []],
      ['float32', [64]],
    ];
    const interpreter = await start(
      await load([main.done([inputs[1]!], outputs), lessThan(10, ...variables), body.done([i, x], [count, doubled])]),
    );
    expect(run(interpreter, new Array(64).fill(1))[1]).toEqual(new Array(64).fill(1024));
    expect(interpreter.plans.flatMap(({ instructions }) => instructions.map(({ kernel }) => kernel))).toEqual([
      'i32_compare',
      'f32_binary',
      'i32_binary',
    ]);
  });

  /** x grows by a row of what is added, `limit` times: shapes that no one can know before. */
  async function growing(limit: number) {
    const main = new Graph();
    const inputs = [main.int(0), main.f(1, 4)];
    const outputs = [main.i(), main.f(1, 4)];
    main.op('WHILE', inputs, outputs, WHILE);
    const out = main.op('NEG', [outputs[1]!], [main.f(1, 4)]);
    const body = new Graph();
    const [i, x] = [body.i(), body.f(1, 4)];
    const row = body.add('float32', [1, 4], Float32Array.of(1, 2, 3, 4));
    const longer = body.op('CONCATENATION', [x, row], [body.f(1, 4)], { axis: 0 });
    const count = body.op('ADD', [i, body.int(1)], [body.i()]);
    const types: [DType, number[]][] = [
      ['int32', []],
      ['float32', [1, 4]],
    ];
    return start(
      await load([main.done([inputs[1]!], [out]), lessThan(limit, ...types), body.done([i, x], [count, longer])]),
    );
  }

  test('shapes that change with every turn', async () => {
    const interpreter = await growing(20);
    const wanted = Array.from({ length: 21 }, (_, i) => (i ? [-1, -2, -3, -4] : [-9, -8, -7, -6])).flat();
    for (let n = 0; n < 2; n++) expect(run(interpreter, [9, 8, 7, 6])).toEqual([wanted]);
    expect(interpreter.outputs[0]!.shape).toEqual([21, 4]);
  });

  test('thousands of shapes take no more memory than some', async () => {
    const interpreter = await growing(500);
    // Continuations of the last few runs are kept.
    for (let n = 0; n < 6; n++) run(interpreter, [0, 0, 0, 0]);
    const { used } = interpreter.memory;
    run(interpreter, [0, 0, 0, 0]);
    expect(interpreter.memory.used).toBeLessThanOrEqual(used);
    expect(used).toBeLessThan(2 << 20);
  });

  test('loops within loops, and a choice in the innermost', async () => {
    // for i < 5: for j < 3: x = i < 2 ? x + 1 : x * 2
    const main = new Graph();
    const inputs = [main.int(0), main.f(3)];
    const outputs = [main.i(), main.f(3)];
    main.op('WHILE', inputs, outputs, WHILE);
    const outer = new Graph();
    const [i, x] = [outer.i(), outer.f(3)];
    const small = outer.op('LESS', [i, outer.int(2)], [outer.add('bool', [])]);
    const inner = [outer.i(), outer.f(3), outer.add('bool', [])];
    outer.op('WHILE', [outer.int(0), x, small], inner, { condSubgraphIndex: 3, bodySubgraphIndex: 4 });
    const count = outer.op('ADD', [i, outer.int(1)], [outer.i()]);
    const body = new Graph();
    const [j, y, flag] = [body.i(), body.f(3), body.add('bool', [])];
    const chosen = body.op('IF', [flag, y], [body.f(3)], { thenSubgraphIndex: 5, elseSubgraphIndex: 6 });
    const next = body.op('ADD', [j, body.int(1)], [body.i()]);
    const branch = (op: string, by: number) => {
      const g = new Graph();
      const z = g.f(3);
      return g.done([z], [g.op(op, [z, g.floats(by)], [g.f(3)])]);
    };
    const variables: [DType, number[]][] = [
      ['int32', []],
      ['float32', [3]],
    ];
    const interpreter = await start(
      await load([
        main.done([inputs[1]!], [outputs[1]!]),
        lessThan(5, ...variables),
        outer.done([i, x], [count, inner[1]!]),
        lessThan(3, ...variables, ['bool', []]),
        body.done([j, y, flag], [next, chosen, flag]),
        branch('ADD', 1),
        branch('MUL', 2),
      ]),
    );
    for (let n = 0; n < 2; n++) expect(run(interpreter, [0, 1, 2])).toEqual([[6 * 512, 7 * 512, 8 * 512]]);
  });

  test('inputs of another shape', async () => {
    const interpreter = await growing(3);
    interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [2, 4]);
    interpreter.allocateTensors();
    expect(run(interpreter, new Array(8).fill(0))[0]).toHaveLength(20);
  });

  test('operators that are missing in a subgraph are named', async () => {
    const g = new Graph();
    const x = g.f(2);
    g.operators.push({ op: 'NoSuch', custom: true, inputs: [x], outputs: [g.f(2)] });
    const main = new Graph();
    const y = main.f(2);
    main.op('CALL', [y], [main.f(2)], { subgraph: 1 });
    await expect(start(await load([main.done([y], [1]), g.done([x], [1])]))).rejects.toThrow(/NoSuch/);
    await expect(start(await load([main.done([y], [1]), g.done([x], [1])]))).rejects.toThrow(UnsupportedOperatorError);
  });

  test.each(['CALL', 'STABLEHLO_COMPOSITE'])('%s of itself, and arity that does not fit, are refused', async (op) => {
    const caller = (callee: number, arity = 1) => {
      const g = new Graph();
      const x = g.f(2);
      const options = op === 'CALL' ? { subgraph: callee } : { decompositionSubgraphIndex: callee };
      return g.done([x], [g.op(op, new Array(arity).fill(x), [g.f(2)], options)]);
    };
    const leaf = new Graph();
    const x = leaf.f(2);
    leaf.op('NEG', [x], [leaf.f(2)]);
    await expect(load([caller(0)])).rejects.toThrow(ModelFormatError);
    await expect(load([caller(1), caller(0)])).rejects.toThrow(ModelFormatError);
    await expect(start(await load([caller(1, 2), leaf.done([x], [1])]))).rejects.toThrow(InvalidOperatorError);
    expect(run(await start(await load([caller(1), caller(2), leaf.done([x], [1])])), [1, -2])).toEqual([[-1, 2]]);
  });
});

describe('resource variables', () => {
  const handle = (g: Graph, sharedName = 'v') =>
    g.op('VAR_HANDLE', [], [g.add('resource', [])], { container: '', sharedName });
  const initial = (values: number[]) => {
    const g = new Graph();
    g.op('ASSIGN_VARIABLE', [handle(g), g.floats(...values)], []);
    return g.done([], []);
  };

  /** old = v; v = old + x; gives old and what is read afterwards. */
  function accumulate(extra: (g: Graph) => void = () => {}): SubgraphDescription {
    const g = new Graph();
    const x = g.f(3);
    g.op('CALL_ONCE', [], [], { initSubgraphIndex: 1 });
    const v = handle(g);
    const old = g.op('READ_VARIABLE', [v], [g.f(3)]);
    const sum = g.op('ADD', [old, x], [g.f(3)]);
    g.op('ASSIGN_VARIABLE', [v, sum], []);
    const read = g.op('READ_VARIABLE', [v], [g.f(3)]);
    const before = g.op('MUL', [old, g.floats(1)], [g.f(3)]);
    extra(g);
    return g.done([x], [before, read]);
  }

  test('keep their values from run to run, an interpreter its own', async () => {
    const model = await load([accumulate(), initial([10, 20, 30])]);
    const [first, second] = [await start(model), await start(model)];
    expect(run(first, [1, 2, 3])).toEqual([
      [10, 20, 30],
      [11, 22, 33],
    ]);
    first.resetVariables();
    expect(run(first, [1, 2, 3])).toEqual([
      [11, 22, 33],
      [12, 24, 36],
    ]);
    expect(run(second, [0, 0, 0])[1]).toEqual([10, 20, 30]);
    expect(run(await start(model, { preserveAllTensors: true }), [1, 1, 1])[1]).toEqual([11, 21, 31]);
    expect(run(await start(model, { threads: 2 }), [1, 1, 1])[1]).toEqual([11, 21, 31]);
  });

  test('a state that is read, moved on and assigned lies still', async () => {
    // The window of a streaming model: v = concat(v, x)[1:].
    const g = new Graph();
    const x = g.f(1, 4);
    g.op('CALL_ONCE', [], [], { initSubgraphIndex: 1 });
    const v = handle(g);
    const old = g.op('READ_VARIABLE', [v], [g.f(3, 4)]);
    const window = g.op('CONCATENATION', [old, x], [g.f(4, 4)], { axis: 0 });
    const begin = g.int(1, 0);
    const tail = g.op('SLICE', [window, begin, g.int(3, 4)], [g.f(3, 4)]);
    g.op('ASSIGN_VARIABLE', [v, tail], []);
    const out = g.op('SUM', [window, g.add('int32', [1], Int32Array.of(0))], [g.f(4)]);
    const init = new Graph();
    const zeros = init.add('float32', [3, 4], new Float32Array(12));
    init.op('ASSIGN_VARIABLE', [handle(init), zeros], []);
    const interpreter = await start(await load([g.done([x], [out]), init.done([], [])]));
    for (const [n, sum] of [1, 3, 6, 10, 14, 18].entries()) {
      expect(run(interpreter, new Array(4).fill(n + 1))).toEqual([new Array(4).fill(sum)]);
    }
    const copies = interpreter.plans.flatMap(({ instructions }) => instructions.filter((i) => i.kernel === 'x8_copy'));
    expect(copies.length).toBeLessThanOrEqual(3);
  });

  test('are shared by signatures', async () => {
    const set = new Graph();
    const x = set.f(3);
    set.op('ASSIGN_VARIABLE', [handle(set), x], []);
    const get = new Graph();
    const y = get.op('READ_VARIABLE', [handle(get)], [get.f(3)]);
    const signatures: SignatureDescription[] = [
      { key: 'get', subgraph: 0, inputs: {}, outputs: { y } },
      { key: 'set', subgraph: 1, inputs: { x }, outputs: {} },
    ];
    const model = await load([get.done([], [y]), set.done([x], [])], signatures);
    const interpreter = await start(model);
    expect(() => interpreter.invoke()).toThrow(InvalidOperatorError);
    const [getter, setter] = [interpreter.getSignatureRunner('get'), interpreter.getSignatureRunner('set')];
    for (const values of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      setter.run({ x: values });
      expect([...(getter.run().y as Float32Array)]).toEqual(values);
    }
    const other = await start(model);
    expect(() => other.invoke()).toThrow(InvalidOperatorError);
  });

  test('may change shape, thousands of times', async () => {
    const g = new Graph();
    const x = g.f(2);
    g.op('CALL_ONCE', [], [], { initSubgraphIndex: 1 });
    const v = handle(g);
    const old = g.op('READ_VARIABLE', [v], [g.f(1)]);
    g.op('ASSIGN_VARIABLE', [v, g.op('CONCATENATION', [old, x], [g.f(3)], { axis: 0 })], []);
    const out = g.op('READ_VARIABLE', [v], [g.f(3)]);
    const interpreter = await start(await load([g.done([x], [out]), initial([0])]));
    const wanted = [0];
    let used = 0;
    for (let n = 0; n < 1200; n++) {
      wanted.push(n, n + 1);
      const [got] = run(interpreter, [n, n + 1]);
      if (n === 200) used = interpreter.memory.used;
      if (n % 100 === 0) expect(`${got}`).toBe(`${wanted}`);
    }
    expect(interpreter.memory.used).toBeLessThan(used + (256 << 10));
  });

  test('in a loop', async () => {
    const main = new Graph();
    const x = main.f(3);
    main.op('CALL_ONCE', [], [], { initSubgraphIndex: 3 });
    const v = handle(main);
    const outputs = [main.i(), main.f(3), main.add('resource', [])];
    main.op('WHILE', [main.int(0), x, v], outputs, WHILE);
    const out = main.op('READ_VARIABLE', [outputs[2]!], [main.f(3)]);
    const body = new Graph();
    const [i, y, r] = [body.i(), body.f(3), body.add('resource', [])];
    const old = body.op('READ_VARIABLE', [r], [body.f(3)]);
    body.op('ASSIGN_VARIABLE', [r, body.op('ADD', [old, y], [body.f(3)])], []);
    const count = body.op('ADD', [i, body.int(1)], [body.i()]);
    const interpreter = await start(
      await load([
        main.done([x], [out]),
        lessThan(4, ['int32', []], ['float32', [3]], ['resource', []]),
        body.done([i, y, r], [count, y, r]),
        initial([1, 1, 1]),
      ]),
    );
    expect(run(interpreter, [1, 2, 3])).toEqual([[5, 9, 13]]);
    expect(run(interpreter, [1, 0, 0])).toEqual([[9, 9, 13]]);
  });

  test('give their memory back', async () => {
    const model = await load([accumulate(), initial([1, 2, 3])]);
    const used = model.engine.map.used();
    for (let n = 0; n < 3; n++) {
      const interpreter = await Interpreter.create(model);
      run(interpreter, [1, 1, 1]);
      interpreter.close();
      expect(model.engine.map.used()).toBe(used);
    }
  });
});
