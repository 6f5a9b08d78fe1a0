// Custom operators with kernels in AssemblyScript, in selective builds.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as asc from 'assemblyscript/asc';
import binaryen from 'binaryen';
import * as flexbuffers from 'flatbuffers/js/flexbuffers.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DType } from '../../bindings/dtype.js';
import * as full from '../../bindings/node.js';
import { customOps } from '../../bindings/ops/custom-op.js';
import { buildSelective, type SelectiveBuild } from '../../bindings/tools/build.js';
import { compileKernels } from '../../bindings/tools/kernels.js';
import { buildModel } from '../support/build-model.js';
import { Rng } from '../support/random.js';

const dir = mkdtempSync(join(tmpdir(), 'lanelite-kernels-'));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

/** Rows by their largest element and a weight a column: two kernels, static data, a table, memory between the two. */
const KERNELS = `
const HALVES = memory.data<f32>([0.5, 0.25]);
let calls = 0;
export function row_maxima(x: usize, maxima: usize, columns: i32, begin: i32, end: i32): void {
  calls += end - begin;
  for (let r = begin; r < end; r++) {
    const row = x + (<usize>(r * columns) << 2);
    let m = load<f32>(row);
    for (let c = 1; c < columns; c++) m = max<f32>(m, load<f32>(row + (<usize>c << 2)));
    store<f32>(maxima + (<usize>r << 2), m);
  }
}
export function row_scale(
  x: usize, maxima: usize, weights: usize, work: usize, y: usize, columns: i32, gain: f32, begin: i32, end: i32,
): i32 {
  for (let r = begin; r < end; r++) {
    const row = <usize>(r * columns) << 2;
    const m = load<f32>(maxima + (<usize>r << 2));
    if (!isFinite(m)) return 1;
    const s = gain / m * load<f32>(HALVES + (<usize>(r & 1) << 2));
    let c = 0;
    if (ASC_FEATURE_SIMD) {
      for (; c + 4 <= columns; c += 4) {
        const w = v128.load(weights + (<usize>c << 2));
        v128.store(work, f32x4.mul(v128.load(x + row + (<usize>c << 2)), f32x4.splat(s)));
        v128.store(y + row + (<usize>c << 2), f32x4.mul(v128.load(work), w));
      }
    }
    for (; c < columns; c++) {
      const at = row + (<usize>c << 2);
      store<f32>(y + at, load<f32>(x + at) * s * load<f32>(weights + (<usize>c << 2)));
    }
  }
  return 0;
}
export function first_bytes(x: usize, y: usize, begin: i32, end: i32): void {
  memory.copy(y + begin, x + begin, end - begin);
}`;

const OPERATORS = `
import { halves } from './halves.mjs';
const RowScale = {
  infer: ({ inputs }) => [inputs[0].shape],
  lower({ inputs: [x], outputs: [y], options, temporary, scratch }) {
    const [rows, columns] = x.shape;
    const maxima = temporary(4 * rows);
    const weights = Float32Array.from({ length: columns }, (_, c) => c + 1);
    return [
      { kernel: 'row_maxima', args: [x, maxima, columns], units: rows },
      { kernel: 'row_scale', args: [x, maxima, weights, scratch(16), y, columns, options.gain], units: rows },
    ];
  },
  macs: ({ inputs: [x] }) => 1e5 * x.shape[0],
  run({ inputs: [x], outputs: [y], options }) {
    const [rows, columns] = x.shape;
    for (let r = 0; r < rows; r++) {
      const row = x.data.subarray(r * columns, (r + 1) * columns);
      const scale = (options.gain / Math.max(...row)) * halves[r & 1];
      for (let c = 0; c < columns; c++) y.data[r * columns + c] = row[c] * scale * (c + 1);
    }
  },
};
const FirstRows = {
  infer: ({ inputs: [x, n] }) => [[Number(n.data[0]), x.shape[1]]],
  lower: ({ inputs: [x], outputs: [y] }) => ({ kernel: 'first_bytes', args: [x, y], units: 4 * y.shape[0] * y.shape[1] }),
};
const ByHand = {
  infer: ({ inputs: [x] }) => [x.shape],
  lower: () => null,
  run: ({ inputs: [x], outputs: [y] }) => y.data.set(x.data.map((v) => -v)),
};
export default { RowScale, FirstRows, ByHand };`;

const gain = new Uint8Array(flexbuffers.encode({ gain: 3.5 }));
const tensor = (shape: number[], dtype: DType = 'float32') => ({ shape, dtype, shapeSignature: shape.map(() => -1) });

/** RowScale, the first rows of it as an input says, ABS of these, ByHand. */
const MODEL = buildModel({
  subgraphs: [
    {
      tensors: [tensor([2, 5]), tensor([1], 'int32'), ...Array.from({ length: 4 }, () => tensor([2, 5]))],
      inputs: [0, 1],
      outputs: [2, 5],
      operators: [
        { op: 'RowScale', custom: true, inputs: [0], outputs: [2], customOptions: gain },
        { op: 'FirstRows', custom: true, inputs: [2, 1], outputs: [3] },
        { op: 'ABS', inputs: [3], outputs: [4] },
        { op: 'ByHand', custom: true, inputs: [4], outputs: [5] },
      ],
    },
  ],
});

const SCALE = buildModel({
  subgraphs: [
    {
      tensors: [tensor([2, 5]), tensor([2, 5])],
      inputs: [0],
      outputs: [1],
      operators: [{ op: 'RowScale', custom: true, inputs: [0], outputs: [1], customOptions: gain }],
    },
  ],
});

const numbers = (tensor: full.Tensor) => Array.from(tensor.data() as Float32Array);

describe.skipIf(!existsSync('dist/modules'))('lanelite build --kernels', () => {
  let api: typeof full;
  let result: SelectiveBuild;
  const options = { target: 'node', arithmetics: ['fast'] } as const;
  const kernels: string[] = [];
  const operators: string[] = [];

  beforeAll(async () => {
    file('halves.mjs', 'export const halves = [0.5, 0.25];');
    kernels.push(file('rows.ts', KERNELS));
    operators.push(file('rows.mjs', OPERATORS));
    const out = join(dir, 'out');
    result = await buildSelective([MODEL], out, {
      ...options,
      kernels,
      operators,
      builds: ['scalar', 'simd'],
      threads: true,
    });
    api = await import(/* @vite-ignore */ pathToFileURL(join(out, 'lanelite.js')).href);
  }, 120_000);

  test.each(['scalar', 'simd'] as const)('runs on %s as in JavaScript, for any shape', async (build) => {
    expect(result.kernels).toEqual(expect.arrayContaining(['row_maxima', 'row_scale', 'first_bytes', 'f32_unary']));
    const rng = new Rng(build.length);
    const model = await api.loadModel(MODEL, { build });
    const interpreter = await api.Interpreter.create(model);
    for (let i = 0; i < 12; i++) {
      const rows = 1 + Math.floor(rng.uniform(0, 9));
      const columns = 1 + Math.floor(rng.uniform(0, 14));
      const first = Math.floor(rng.uniform(0, rows + 1));
      const x = Float32Array.from({ length: rows * columns }, () => rng.uniform(0.5, 2));
      interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [rows, columns]);
      interpreter.allocateTensors();
      interpreter.inputs[0]!.set(x);
      interpreter.inputs[1]!.set([first]);
      interpreter.invoke();
      const expected = [...x].map((v, at) => {
        const r = Math.floor(at / columns);
        const m = Math.max(...x.subarray(r * columns, (r + 1) * columns));
        return ((v * 3.5) / m) * [0.5, 0.25][r & 1]! * ((at % columns) + 1);
      });
      const close = (found: number[], wanted: number[]) => {
        expect(found.length).toBe(wanted.length);
        for (const [k, y] of found.entries()) expect(y).toBeCloseTo(wanted[k]!, 4);
      };
      close(numbers(interpreter.outputs[0]!), expected);
      expect(interpreter.outputs[1]!.shape).toEqual([first, columns]);
      close(
        numbers(interpreter.outputs[1]!),
        expected.slice(0, first * columns).map((y) => -Math.abs(y)),
      );
    }
    const called = interpreter.plans.flatMap((plan) => plan.instructions.map(({ kernel, units }) => [kernel, units]));
    expect(called).toContainEqual(['row_scale', interpreter.inputs[0]!.shape[0]]);
    interpreter.close();
  });

  test('shares units out to threads', async () => {
    const x = Float32Array.from({ length: 64 * 333 }, (_, i) => 1 + Math.sin(i) / 2);
    const run = async (threads: number) => {
      const model = await api.loadModel(SCALE, { build: 'simd', threads });
      const interpreter = await api.Interpreter.create(model, { threads });
      expect(interpreter.info).toMatchObject({ threads, build: 'simd' });
      interpreter.resizeInputTensor(interpreter.inputs[0]!.index, [64, 333]);
      interpreter.allocateTensors();
      interpreter.inputs[0]!.set(x);
      await interpreter.invokeAsync();
      const bytes = interpreter.outputs[0]!.bytes().slice();
      interpreter.close();
      return bytes;
    };
    expect(await run(2)).toEqual(await run(1));
  });

  test('a status is an error', async () => {
    const interpreter = await api.Interpreter.create(await api.loadModel(SCALE, { build: 'scalar' }));
    interpreter.inputs[0]!.set(new Float32Array(10).fill(Number.POSITIVE_INFINITY));
    expect(() => interpreter.invoke()).toThrow(/RowScale \(node 0\): an index is out of range/);
    interpreter.close();
  });

  test('other runtimes take run(), or say what is missing', async () => {
    const { default: ops } = await import(/* @vite-ignore */ pathToFileURL(operators[0]!).href);
    full.registerCustomOp('RowScale', ops.RowScale);
    const x = [1, 2, 3, 4, 5, 5, 4, 3, 2, 1];
    const outputs = [];
    for (const { loadModel, Interpreter } of [full, api]) {
      const interpreter = await Interpreter.create(await loadModel(SCALE, { build: 'scalar' }));
      interpreter.inputs[0]!.set(x);
      interpreter.invoke();
      outputs.push(interpreter.outputs[0]!.copy());
      interpreter.close();
    }
    for (const [i, y] of [...outputs[0]!].entries()) expect(y).toBeCloseTo(Number(outputs[1]![i]), 4);
    const { run: _, ...kernelsAlone } = ops.RowScale;
    full.registerCustomOp('RowScale', kernelsAlone);
    const error = await full.Interpreter.create(await full.loadModel(SCALE)).catch((e) => e);
    expect(error).toBeInstanceOf(full.UnsupportedOperatorError);
    expect(error.message).toMatch(/kernel 'row_maxima' is not in this runtime.*lanelite build MODEL --kernels/);
    customOps.clear();
  });

  test('the example is what its JavaScript says', async () => {
    const model = buildModel({
      subgraphs: [
        {
          tensors: [tensor([11]), tensor([11])],
          inputs: [0],
          outputs: [1],
          operators: [{ op: 'HardMish', custom: true, inputs: [0], outputs: [1] }],
        },
      ],
    });
    const { default: ops } = await import(/* @vite-ignore */ pathToFileURL('examples/custom-op/hard-mish.mjs').href);
    const { bytes } = await compileKernels(
      { asc, binaryen },
      ['examples/custom-op/assembly/hard-mish.ts'],
      'simd',
      1024,
    );
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as never), { env: { memory } });
    const x = Float32Array.from({ length: 11 }, (_, i) => i - 5);
    new Float32Array(memory.buffer, 2048, 11).set(x);
    (exports.f32_hard_mish as (...args: number[]) => void)(2048, 4096, 0, 11);
    full.registerCustomOp('HardMish', ops.HardMish);
    const interpreter = await full.Interpreter.create(await full.loadModel(model));
    interpreter.inputs[0]!.set(x);
    interpreter.invoke();
    expect([...new Float32Array(memory.buffer, 4096, 11)]).toEqual([...interpreter.outputs[0]!.copy()]);
    customOps.clear();
  });

  const kernel = (body: string, before = '') =>
    `${before}\nexport function k(x: usize, begin: i32, end: i32): void { ${body} }`;

  test.each([
    ['imports', kernel('console.log("x");'), 'simd', /these import env\.console\.log/],
    ['allocation', kernel('store<i32>(x, new Array<i32>(end).length);'), 'simd', /kernels allocate nothing/],
    ['data', kernel('store<i32>(x, load<i32>(T));', 'const T = memory.data(70000);'), 'simd', /static data must end/],
    ['simd', kernel('v128.store(x, i8x16.splat(1));'), 'scalar', /'scalar' build: .*Feature 'simd' is not enabled/s],
    ['range', 'export function k(x: usize): void { store<i32>(x, 1); }', 'simd', /'k' is no kernel: its last two/],
    [
      'wide',
      'export function k(x: i64, begin: i32, end: i32): void {}',
      'simd',
      /'k' is no kernel: its parameters may/,
    ],
    ['global', 'export let k: i32 = 1;', 'simd', /'k' is no kernel: it is no function/],
    ['empty', 'function k(): void {}', 'simd', /nothing is exported/],
  ] as const)('refuses %s', async (name, text, build, message) => {
    const compiling = compileKernels({ asc, binaryen }, [file(`bad-${name}.ts`, text)], build, 1856);
    await expect(compiling).rejects.toMatchObject({ code: 'KERNEL', message: expect.stringMatching(message) });
  });

  test('refuses names of its own, and modules without operators', async () => {
    const clash = file('clash.ts', 'export function f32_unary(begin: i32, end: i32): void {}');
    await expect(buildSelective([SCALE], dir, { ...options, kernels: [clash], operators })).rejects.toMatchObject({
      code: 'KERNEL',
      message: expect.stringMatching(/kernels of these names: f32_unary/),
    });
    const none = file('none.mjs', 'export default {};');
    for (const [path, code] of [
      [none, 'ARGUMENT'],
      ['operators.ts', 'ARGUMENT'],
      [join(dir, 'absent.mjs'), 'FILE'],
    ] as const) {
      await expect(buildSelective([SCALE], dir, { ...options, operators: [path] })).rejects.toMatchObject({ code });
    }
  });
});
