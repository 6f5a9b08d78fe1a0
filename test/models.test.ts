import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elementCount } from '../bindings/dtype.js';
import { Interpreter, loadModel } from '../bindings/index.js';
import { generateInput } from '../bindings/tools/inputs.js';
import { arithmetics, builds } from './support/builds.js';
import { GROUPS, listModels, type ModelEntry, readGolden, SHARED } from './support/goldens.js';

// What real models must show beyond right answers.
const there = existsSync(SHARED);
const runnable = there ? listModels(SHARED, GROUPS) : [];
const read = ({ file }: ModelEntry) => readFileSync(join(SHARED, 'models', file));

if (!there) test.skip('real models: ../shared is not there', () => {});

/** Outputs of a run on generated inputs, as bytes. */
async function outputsOf(entry: ModelEntry, build: (typeof builds)[number], arithmetic: 'fast' | 'exact') {
  using model = await loadModel(read(entry), { build });
  using interpreter = await Interpreter.create(model, { arithmetic });
  for (const [i, input] of interpreter.inputs.entries()) {
    input.set(generateInput(1, i, input.dtype, elementCount(input.shape)));
  }
  interpreter.invoke();
  return interpreter.outputs.map((output) => Buffer.from(output.bytes()).toString('base64'));
}

const quantized = runnable
  .filter(({ quantization }) => quantization.some((q) => q === 'int8' || q === 'uint8'))
  .filter(({ quantization }) => !quantization.includes('dynamic-range(hybrid)'));

describe.each(arithmetics)('quantized models are bit-equal on all builds, %s', (arithmetic) => {
  test.each(quantized)('$file', async (entry) => {
    const [first, ...others] = await Promise.all(builds.map((build) => outputsOf(entry, build, arithmetic)));
    for (const outputs of others) expect(outputs).toEqual(first);
  });
});

describe('arenas are within 10 % of their lower bound', () => {
  const planned = runnable.filter(({ file }) => ['classification', 'pose', 'segmentation'].includes(dirname(file)));
  test.each(planned)('$file', async (entry) => {
    using model = await loadModel(read(entry));
    using interpreter = await Interpreter.create(model);
    const { arena, arenaLowerBound } = interpreter.memory;
    expect(arena / arenaLowerBound).toBeLessThanOrEqual(1.1);
  });
});

test('every model without a golden in these groups still runs, or is refused with a reason', async () => {
  for (const entry of runnable.filter((candidate) => !readGolden(SHARED, candidate))) {
    await expect(outputsOf(entry, builds[0]!, 'fast')).resolves.toBeDefined();
  }
});

describe.skipIf(!there)('pictures', () => {
  const draw = (task: string, model: string, image: string, out: string) => {
    mkdirSync('artifacts', { recursive: true });
    const args = [task, join(SHARED, 'models', model), join(SHARED, 'inputs/images', image), `artifacts/${out}.png`];
    return execFileSync(process.execPath, ['examples/vision/draw.mjs', ...args], { encoding: 'utf8' });
  };
  const SSD = 'detection/coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite';

  test('SSD finds the cat', () => {
    expect(draw('detect', SSD, 'cat.bmp', 'detect-cat')).toMatch(/^cat +0\.[67]/m);
  });

  test('SSD finds the dog', () => {
    expect(draw('detect', SSD, 'Welsh_Springer_Spaniel.jpg', 'detect-dog')).toMatch(/^dog +0\.[67]/m);
  });

  test('DeepLab tells the dog from the background', () => {
    const report = draw('segment', 'segmentation/deeplabv3.tflite', 'dog_segmentation.bmp', 'segment-dog');
    expect(Number(/^dog +([\d.]+) %/m.exec(report)?.[1])).toBeGreaterThan(45);
  });

  test('MoveNet finds head, hips and feet where they are', () => {
    const report = draw('pose', 'pose/movenet_single_pose_lightning_ptq.tflite', 'squat.bmp', 'pose-squat');
    const at = (name: string) =>
      /x ([\d.]+) +y ([\d.]+)/.exec(report.split('\n').find((line) => line.startsWith(name))!)!;
    expect(Number(at('nose')[2])).toBeCloseTo(0.33, 1);
    expect(Number(at('left hip')[1])).toBeCloseTo(0.4, 1);
    expect(Number(at('right ankle')[2])).toBeCloseTo(0.9, 1);
  });
});
