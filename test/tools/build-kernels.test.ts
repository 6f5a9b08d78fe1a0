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
import { builds } from '../support/builds.js';
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
    result = await buildSelective([MODEL], out, { ...options, kernels, operators, builds: ['scalar', 'simd'] });
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
      close(numbers(interpreter.outputs[1]!), expected.slice(0, first * columns).map((y) => -Math.abs(y)));
    }
    const called = interpreter.plans.flatMap((plan) => plan.instructions.map(({ kernel, units }) => [kernel, units]));
    expect(called).toContainEqual(['row_scale', interpreter.inputs[0]!.shape[0]]);
    interpreter.close();
  });
});
