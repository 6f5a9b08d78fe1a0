import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, test } from 'vitest';
import { generateInput } from '../../bindings/tools/inputs.js';
import { main } from '../../bindings/tools/program.js';
import { buildModel, packStrings, type TensorDescription } from '../support/build-model.js';

// Every command on a classifier that needs no training: the mean of the picture's channels, so that the three
// scores are its redness, greenness and blueness.

const folder = mkdtempSync(join(tmpdir(), 'lanelite-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, data: string | Uint8Array) => {
  const file = join(folder, name);
  writeFileSync(file, data);
  return file;
};

const quantized = { scale: [1 / 128], zeroPoint: [128] };
const colorModel = (tensor: Pick<TensorDescription, 'dtype' | 'quantization'>) =>
  buildModel({
    description: 'means of channels',
    subgraphs: [
      {
        tensors: [
          { ...tensor, name: 'picture', shape: [1, 4, 4, 3] },
          { name: 'axes', dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) },
          { ...tensor, name: 'scores', shape: [1, 3] },
        ],
        inputs: [0],
        outputs: [2],
        operators: [{ op: 'MEAN', inputs: [0, 1], outputs: [2], options: { keepDims: false } }],
      },
    ],
    signatures: [{ key: 'serve', inputs: { image: 0 }, outputs: { color: 2 } }],
  });
const float = write('float.tflite', colorModel({ dtype: 'float32' }));
const uint8 = write('uint8.tflite', colorModel({ dtype: 'uint8', quantization: quantized }));
const words = write(
  'words.tflite',
  buildModel({
    subgraphs: [
      {
        tensors: [
          { name: 'text', dtype: 'string', shape: [1] },
          { name: 'words', dtype: 'string', shape: [1], shapeSignature: [-1] },
          { name: 'rows', dtype: 'int64', shape: [1], shapeSignature: [-1] },
        ],
        inputs: [0],
        outputs: [1, 2],
        operators: [{ op: 'tftext:WhitespaceTokenizer', custom: true, inputs: [0], outputs: [1, 2] }],
      },
    ],
  }),
);
const labels = write('colors.txt', 'red\ngreen\nblue\n');

const picture = ([r, g, b]: number[], size = 8) => {
  const png = new PNG({ width: size, height: size });
  for (let i = 0; i < size * size; i++) png.data.set([r!, g!, b!, 255], i * 4);
  return PNG.sync.write(png);
};
const reddish = write('reddish.png', picture([200, 100, 50]));
const bluish = write('bluish.png', picture([0, 10, 90]));

async function run(...args: string[]) {
  let out = '';
  let error = '';
  const status = await main(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { status, out, error };
}

async function json(...args: string[]) {
  const { status, out, error } = await run(...args, '--json');
  expect(error).toBe('');
  expect(status).toBe(0);
  return JSON.parse(out);
}

describe('run', () => {
  test('reads and writes raw tensors', async () => {
    const input = Float32Array.from({ length: 48 }, (_, i) => i);
    const file = write('in.bin', new Uint8Array(input.buffer));
    const out = join(folder, 'out');
    for (const name of ['0', 'picture']) {
      const { outputs } = await json('run', float, '--input', `${name}=${file}`, '--out', out);
      expect(outputs).toMatchObject([{ name: 'scores', dtype: 'float32', shape: [1, 3], file: join(out, 'out0.bin') }]);
      const bytes = readFileSync(outputs[0].file);
      expect([...new Float32Array(Uint8Array.from(bytes).buffer)]).toEqual([22.5, 23.5, 24.5]);
      expect(outputs[0].head).toEqual([22.5, 23.5, 24.5]);
    }
  });

  test('--seed generates inputs; a file wins over it', async () => {
    const seeded = await json('run', uint8, '--seed', '5');
    const file = write('seeded.bin', generateInput(5, 0, 'uint8', 48) as Uint8Array);
    const fed = await json('run', uint8, '--seed', '9', '--input', `0=${file}`);
    expect(fed.inputs).toEqual(seeded.inputs);
    expect(fed.outputs).toEqual(seeded.outputs);
    expect((await json('run', uint8, '--seed', '9')).inputs).not.toEqual(seeded.inputs);
  });

  test('--signature goes by its names', async () => {
    const { inputs, outputs } = await json('run', float, '--signature', 'serve', '--seed', '1');
    expect([inputs[0].name, outputs[0].name]).toEqual(['image', 'color']);
    const text = await run('run', float, '--signature', 'serve', '--seed', '1');
    expect(text.out).toMatch(/color +float32 +\[1, 3\]/);
  });

  test('--shape resizes', async () => {
    const { inputs } = await json('run', float, '--shape', 'picture=1,2,5,3', '--seed', '1');
    expect(inputs[0].shape).toEqual([1, 2, 5, 3]);
  });

  test('takes lists of numbers', async () => {
    const list = Array.from({ length: 4 }, (_, i) => Array.from({ length: 12 }, (_, k) => 12 * i + k));
    const { outputs } = await json('run', float, '--input', `0=${write('in.json', JSON.stringify(list))}`);
    expect(outputs[0].head).toEqual([22.5, 23.5, 24.5]);
  });

  test('takes text, gives text', async () => {
    const out = join(folder, 'words');
    const one = await json('run', words, '--input', 'text=text:a = b', '--out', out);
    expect(one.outputs).toMatchObject([
      { name: 'words', shape: [3], head: ['a', '=', 'b'], strings: ['a', '=', 'b'], file: join(out, 'out0.json') },
      { name: 'rows', head: ['0', '3'], file: join(out, 'out1.bin') },
    ]);
    expect(JSON.parse(readFileSync(one.outputs[0].file, 'utf8'))).toEqual(['a', '=', 'b']);
    const lines = ['one two', '', 'drei'];
    const packed = write('lines.bin', packStrings(lines));
    for (const file of [write('lines.txt', `${lines.join('\r\n')}\n`), write('lines.json', JSON.stringify(lines))]) {
      const { inputs, outputs } = await json('run', words, '--input', `0=${file}`);
      expect(inputs[0].shape).toEqual([3]);
      expect(outputs.map(({ head }: { head: unknown }) => head)).toEqual([
        ['one', 'two', 'drei'],
        ['0', '2', '2', '3'],
      ]);
    }
    const { outputs } = await json('run', words, '--input', `0=${packed}`, '--shape', '0=3');
    expect(outputs[0].strings).toEqual(['one', 'two', 'drei']);
    expect((await run('run', words, '--input', '0=text:a b')).out).toMatch(/words +string +\[2\] +"a" "b"/);
  });

  const wrong: [string[], string][] = [
    [['run', float, '--input', `0=${write('bad.json', '{')}`], 'is not JSON'],
    [['run', float, '--input', `0=${write('map.json', '{}')}`], 'has no list'],
    [['run', words, '--seed', '1'], 'no rule to generate inputs of type string'],
    [['run', float], "error [ARGUMENT]: input 0 'picture' has no data: pass --input or --seed"],
    [['run', float, '--input', `x=${labels}`], "error [NOT_FOUND]: there is no input 'x'; the model has 0 'picture'"],
    [['run', float, '--input', `0=${labels}`], 'expected 192 bytes, found 15 bytes'],
    [['run', float, '--input', '0=/nowhere'], "error [FILE]: cannot read '/nowhere'"],
    [['run', float, '--signature', 'x'], "error [NOT_FOUND]: no signature 'x'; the model has 'serve'"],
    [['run', float, '--seed', '1', '--shape', '0=1,4,x'], "error [ARGUMENT]: '1,4,x' is not a shape"],
  ];
  test.each(wrong)('%j', async (args, message) => {
    const { status, out, error } = await run(...args);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(error).toContain(message);
  });
});

describe('label-image', () => {
  test.each([float, uint8])('%s names colours', async (model) => {
    const { images } = await json('label-image', reddish, bluish, '--model', model, '--labels', labels, '--top', '2');
    const named = images.map(({ results }: { results: { label: string }[] }) => results.map(({ label }) => label));
    expect(named).toEqual([
      ['red', 'green'],
      ['blue', 'green'],
    ]);
    // The mean of the picture, in -1 .. 1.
    expect(images[0].results[0]).toMatchObject({ index: 0, score: expect.closeTo(200 / 127.5 - 1, 1) });
  });

  test('--normalize', async () => {
    const scores = async (...more: string[]) =>
      (await json('label-image', reddish, '--model', float, ...more)).images[0].results[0].score;
    expect(await scores('--normalize', 'raw')).toBe(200);
    expect(await scores('--normalize', '100,50')).toBe(2);
  });

  test('labels beside the model, or none', async () => {
    const bare = await run('label-image', reddish, '--model', float);
    expect(bare.out).toMatch(/reddish\.png .*\n +0\.5686 {2}0\n/);
    mkdirSync(join(folder, 'beside'));
    const model = write('beside/m.tflite', colorModel({ dtype: 'float32' }));
    write('beside/labels.txt', 'red\ngreen\nblue\n');
    expect((await run('label-image', reddish, '--model', model)).out).toMatch(/0\.5686 {2}0 red\n/);
  });

  test('what is not a picture, or not a classifier', async () => {
    expect((await run('label-image', labels, '--model', float)).error).toMatch(/^error \[IMAGE\]: '.*colors\.txt'/);
    expect((await run('label-image', '/nowhere.png', '--model', float)).error).toMatch(/^error \[FILE\]: /);
    const tensor = { dtype: 'float32', shape: [1, 5, 7] } as const;
    const other = buildModel({ subgraphs: [{ tensors: [tensor], inputs: [0], outputs: [0], operators: [] }] });
    const { error } = await run('label-image', reddish, '--model', write('other.tflite', other));
    expect(error).toMatch(/^error \[NOT_A_CLASSIFIER\]: expected a first output of one score per class/);
  });
});

describe('evaluate', () => {
  test('a folder of pictures', async () => {
    const root = join(folder, 'dataset');
    const colors = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255] };
    for (const [name, color] of Object.entries(colors)) {
      mkdirSync(join(root, name), { recursive: true });
      for (let i = 0; i < 3; i++) writeFileSync(join(root, name, `${i}.png`), picture(color));
    }
    writeFileSync(join(root, 'red', 'wrong.png'), picture([0, 0, 255]));
    const result = await json('evaluate', uint8, '--dataset', root, '--labels', labels);
    expect(result).toMatchObject({ images: 10, classes: 3, correct: 9, accuracy: 0.9, top5: null });
    expect(result.milliseconds.count).toBe(10);
    expect(await json('evaluate', uint8, '--dataset', root, '--labels', labels, '--limit', '4')).toMatchObject({
      images: 4,
      correct: 4,
    });
    const { out } = await run('evaluate', uint8, '--dataset', root, '--labels', labels);
    expect(out).toMatch(/accuracy +90\.0 % \(9 of 10\)/);
  });

  test('a CIFAR-10 file', async () => {
    const records = new Uint8Array(3 * 3073);
    for (const label of [0, 1, 2]) {
      records[label * 3073] = label;
      records.fill(255, label * 3073 + 1 + label * 1024, label * 3073 + 1 + (label + 1) * 1024);
    }
    const file = write('cifar.bin', records);
    expect(await json('evaluate', float, '--dataset', file)).toMatchObject({ images: 3, correct: 3 });
    const strange = write(
      'strange.bin',
      records.map((x, i) => (i % 3073 === 0 ? 7 : x)),
    );
    const { error } = await run('evaluate', float, '--dataset', strange);
    expect(error).toMatch(/^error \[DATASET\]: .* is of class 7; the model has 3 classes/);
  });
});

test('summarize', async () => {
  const summary = await json('summarize', uint8);
  expect(summary).toMatchObject({
    bytes: readFileSync(uint8).length,
    description: 'means of channels',
    inputs: [
      { name: 'picture', dtype: 'uint8', shape: [1, 4, 4, 3], quantization: { scale: [1 / 128], zeroPoint: [128] } },
    ],
    outputs: [{ name: 'scores' }],
    signatures: [{ key: 'serve', inputs: ['image'], outputs: ['color'] }],
    operators: [{ op: 'MEAN', count: 1 }],
    parameters: { count: 2, bytes: 8 },
    unsupported: [],
  });
  expect(summary.memory.arena).toBeGreaterThanOrEqual(summary.memory.arenaLowerBound);
  const { out } = await run('summarize', uint8);
  expect(out).toMatch(/picture {2}uint8 {2}\[1, 4, 4, 3\] {2}0\.0078125 \* \(q - 128\)/);
  expect(out).toMatch(/lower bound/);
});

test('summarize lists what is missing', async () => {
  const tensor = { dtype: 'float32', shape: [1] } as const;
  const operators = [
    { op: 'Mystery', custom: true, inputs: [0], outputs: [1] },
    { op: 'Mystery', custom: true, inputs: [1], outputs: [2] },
  ];
  const bytes = buildModel({
    subgraphs: [{ tensors: [tensor, tensor, tensor], inputs: [0], outputs: [2], operators }],
  });
  const model = write('mystery.tflite', bytes);
  expect(await json('summarize', model)).toMatchObject({ memory: null, unsupported: [{ op: 'Mystery', count: 2 }] });
  expect((await run('summarize', model)).out).toMatch(/Mystery \(custom\) +2[\s\S]*Mystery: .*\(2 nodes\)/);
  expect((await run('plan', model)).error).toMatch(/^error \[UNSUPPORTED_OPERATOR\]: /);
});

describe('--operators', () => {
  const example = 'examples/custom-op/hard-mish.mjs';
  const tensor = (shape: number[]) => ({ dtype: 'float32' as const, shape });
  const model = write(
    'mish.tflite',
    buildModel({
      subgraphs: [
        {
          tensors: [
            tensor([1, 4, 4, 3]),
            { dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) },
            tensor([1, 3]),
            tensor([1, 3]),
          ],
          inputs: [0],
          outputs: [3],
          operators: [
            { op: 'MEAN', inputs: [0, 1], outputs: [2], options: { keepDims: false } },
            { op: 'HardMish', custom: true, inputs: [2], outputs: [3] },
          ],
        },
      ],
    }),
  );
  const own = (name: string, run: string) =>
    write(name, `export default { HardMish: { infer: ({ inputs: [x] }) => [x.shape], run: ${run} } };`);
  const ones = own('ones.mjs', '({ outputs: [y] }) => void y.data.fill(1)');

  test('every command that runs a model takes them', async () => {
    const [{ head: means }] = (await json('run', float, '--seed', '1')).outputs;
    const [{ head }] = (await json('run', model, '--seed', '1', '--operators', example)).outputs;
    for (const [i, x] of means.entries()) {
      expect(head[i]).toBeCloseTo(x * 0.5 * Math.min(2, Math.max(0, x + 2)), 4);
    }
    const nodes = (result: { instructions: { node: { op: string } }[] }) =>
      result.instructions.map(({ node }) => node.op);
    expect(nodes(await json('plan', model, '--operators', example))).toContain('MEAN');
    const few = ['--runs', '1', '--warmup', '0', '--min-seconds', '0'];
    expect(await json('benchmark', model, ...few, '--operators', ones)).toMatchObject({
      milliseconds: { warm: { count: 1 } },
    });
    const { memory, unsupported } = await json('summarize', model, '--operators', ones);
    expect([memory.arena > 0, unsupported]).toEqual([true, []]);
    const label = ['--model', model, '--labels', labels, '--operators', example];
    expect((await run('label-image', reddish, ...label)).out).toMatch(/red/);
    const records = new Uint8Array(3073).fill(255);
    records[0] = 0;
    const dataset = ['--dataset', write('white.bin', records), '--operators', ones];
    expect(await json('evaluate', model, ...dataset)).toMatchObject({ images: 1 });
  });

  test('the last of a name counts, before those of the package', async () => {
    const [{ head }] = (await json('run', model, '--seed', '1', '--operators', example, '--operators', ones)).outputs;
    expect(head).toEqual([1, 1, 1]);
    const tokenizer = write(
      'tokenizer.mjs',
      `export default { 'tftext:WhitespaceTokenizer': { infer: () => [[1], [2]], run({ outputs: [y] }) { y.strings[0] = 'mine'; } } };`,
    );
    const { outputs } = await json('run', words, '--input', 'text=text:a b', '--operators', tokenizer);
    expect(outputs[0].strings).toEqual(['mine']);
  });

  test('errors say what is missing', async () => {
    expect((await run('run', model, '--seed', '1')).error).toMatch(/HardMish.*--operators FILE\.js/);
    const kernelOnly = write(
      'kernel.mjs',
      `export default { HardMish: { infer: ({ inputs: [x] }) => [x.shape], lower: () => ({ kernel: 'k', args: [], units: 1 }) } };`,
    );
    for (const [file, message] of [
      [
        kernelOnly,
        /^error \[UNSUPPORTED_OPERATOR\]: [\s\S]*kernel 'k' is not in this runtime.*run\(\) would do without/,
      ],
      [write('nothing.mjs', 'export default {};'), /^error \[ARGUMENT\]: .*must export custom operators/],
      [
        write('half.mjs', 'export default { A: { infer() {} } };'),
        /^error \[ARGUMENT\]: .*'A' has neither run\(\) nor lower/,
      ],
      [
        write('throws.mjs', "throw new Error('on purpose');"),
        /^error \[FILE\]: cannot import '.*throws\.mjs': on purpose/,
      ],
      [join(folder, 'absent.mjs'), /^error \[FILE\]: cannot import '.*absent\.mjs'/],
    ] as const) {
      expect(await run('run', model, '--seed', '1', '--operators', file)).toMatchObject({
        status: 1,
        error: expect.stringMatching(message),
      });
    }
  });

  test.skipIf(!existsSync('dist/cli.js'))('modules in TypeScript run where Node runs them', () => {
    const file = own('typed.mts', '({ outputs }: { outputs: any[] }): void => outputs[0].data.fill(1)');
    const args = ['dist/cli.js', 'run', model, '--seed', '1', '--json', '--operators', file];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if ((process.features as { typescript?: unknown }).typescript) {
      expect(JSON.parse(stdout).outputs[0].head).toEqual([1, 1, 1]);
    } else expect(stderr).toMatch(/^error \[FILE\]: .*typed\.mts': Node v.* does not run TypeScript: take Node 22\.18/);
  });
});

test('summarize says why a model cannot be compiled', async () => {
  const bytes = buildModel({
    subgraphs: [
      {
        tensors: [
          { dtype: 'float32', shape: [2] },
          { dtype: 'int32', shape: [1], data: Int32Array.of(5) },
          { dtype: 'float32', shape: [2] },
        ],
        inputs: [0],
        outputs: [2],
        operators: [{ op: 'MEAN', inputs: [0, 1], outputs: [2] }],
      },
    ],
  });
  const model = write('axis.tflite', bytes);
  expect(await json('summarize', model)).toMatchObject({ memory: null, failure: { code: 'SHAPE' }, unsupported: [] });
  expect((await run('summarize', model)).out).toMatch(/Cannot be compiled\n {2}\[SHAPE\] MEAN \(node 0\)/);
});

test('plan', async () => {
  const { instructions } = await json('plan', float);
  expect(instructions.length).toBeGreaterThan(0);
  expect(instructions[0].node).toEqual({ op: 'MEAN', index: 0 });
  const { out } = await run('plan', float, '--tensors');
  expect(out).toMatch(/^; node 0 MEAN -> \[1, 3\]\n {3}0 {2}\w+\([^)]*=%0, .*\) units \d+\n/);
  expect(out).toMatch(/%0 +0x[0-9a-f]+ +192 +float32 +\[1, 4, 4, 3\] +picture/);
});

test('benchmark', async () => {
  const args = ['--runs', '20', '--warmup', '2', '--min-seconds', '0', '--profile'];
  const result = await json('benchmark', float, ...args);
  expect(result).toMatchObject({ threads: 1, arithmetic: 'fast', milliseconds: { warm: { count: 20 } } });
  const { min, median, p95, max } = result.milliseconds.warm;
  expect([min, median, p95, max]).toEqual([min, median, p95, max].sort((a, b) => a - b));
  expect(result.profile.operators).toMatchObject([{ op: 'MEAN', nodes: 1 }]);
  expect(result.profile.instructions.length).toBeGreaterThan(0);
  const { out } = await run('benchmark', uint8, ...args, '--arithmetic', 'exact', '--build', 'scalar');
  expect(out).toMatch(/scalar, exact arithmetic, 1 thread/);
  expect(out).toMatch(/MEAN +1 +\d/);
});
