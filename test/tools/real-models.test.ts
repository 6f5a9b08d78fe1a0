import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../bindings/tools/program.js';
import { SHARED } from '../support/goldens.js';

// What the tools say about real models and pictures.

const model = (name: string) => join(SHARED, 'models', `${name}.tflite`);
const input = (name: string) => join(SHARED, 'inputs', name);

async function json(...args: string[]) {
  let out = '';
  let errors = '';
  const status = await main([...args, '--json'], {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      errors += text;
    },
  });
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  return JSON.parse(out);
}

describe.skipIf(!existsSync(SHARED))('real models', () => {
  const pictures: [file: string, name: RegExp][] = [
    ['grace_hopper.bmp', /^military uniform/],
    ['cat.bmp', /cat/],
    ['bird.bmp', /^chickadee/],
    ['parrot.jpg', /^macaw/],
  ];
  const classifiers = ['mobilenet_v1_0.75_192_quant', 'mobilenet_v2_1.0_224_quant', 'tf2_mobilenet_v2_1.0_224_ptq'];
  test.each(classifiers)('%s names what pictures show', async (name) => {
    const files = pictures.map(([file]) => input(`images/${file}`));
    const labels = input('labels/imagenet_labels.txt');
    const { images } = await json(
      'label-image',
      ...files,
      '--model',
      model(`classification/${name}`),
      '--labels',
      labels,
      '--top',
      '1',
    );
    for (const [i, [, expected]] of pictures.entries()) expect(images[i].results[0].label).toMatch(expected);
  });

  test("labels come from the model's own archive", async () => {
    const file = model('classification/mobilenet_v1_0.75_192_quant');
    const { labels, images } = await json('label-image', input('images/parrot.jpg'), '--model', file);
    expect(labels).toBe("the model's metadata");
    expect(images[0].results[0].label).toMatch(/^macaw/);
  });

  // Correct ones of 500; for the float model, the manifest of the inputs says the same.
  const accuracies: [name: string, correct: number][] = [
    ['cifar10_resnet18_pruned', 434],
    ['cifar10_resnet18_pruned_float16', 434],
    ['cifar10_resnet18_pruned_dynamic', 433],
    ['cifar10_resnet18_int8_all', 433],
  ];
  test.each(accuracies)('%s classifies %i of 500 CIFAR-10 pictures, give or take one', async (name, correct) => {
    const dataset = input('cifar10/test500_even.bin.gz');
    const result = await json('evaluate', model(`cifar10/${name}`), '--dataset', dataset);
    expect(result.images).toBe(500);
    expect(Math.abs(result.correct - correct)).toBeLessThanOrEqual(1);
  });
});
