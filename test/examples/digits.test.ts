import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { normalizationOf } from '../../bindings/model/metadata.js';
import { Interpreter, loadModel } from '../../bindings/node.js';
import { decodeImage, toGrey } from '../../bindings/tools/image.js';
import { resizeBilinear } from '../../bindings/tools/resize.js';
import { countRight, models } from '../../examples/digits/evaluate.js';
import { drawDigit } from '../../examples/digits/train/draw.js';
import { arithmetics, builds } from '../support/builds.js';

const folder = new URL('../../examples/digits/', import.meta.url);

for (const model of models) {
  test.for(builds.flatMap((build) => arithmetics.map((arithmetic) => ({ build, arithmetic }))))(
    `${model} names at least 97 % of held-out digits ($build, $arithmetic)`,
    async (options) => {
      const count = 1000;
      expect(await countRight(model, count, options)).toBeGreaterThanOrEqual(0.97 * count);
    },
  );

  test(`${model} says what it is`, async () => {
    using loaded = await loadModel(readFileSync(new URL(model, folder)));
    expect(await loaded.labels()).toEqual(Array.from({ length: 10 }, (_, digit) => `${digit}`));
    expect(normalizationOf(loaded.metadata)).toEqual({ mean: [0], std: [255] });
    const { version, signatures, subgraphs } = loaded.definition;
    expect(version).toBe(3);
    expect(signatures).toMatchObject([
      { key: 'serving_default', inputs: [{ name: 'image' }], outputs: [{ name: 'probabilities' }] },
    ]);
    const { tensors, inputs, outputs } = subgraphs[0]!;
    const dtype = model.includes('int8') ? 'int8' : 'float32';
    expect(tensors[inputs[0]!]).toMatchObject({ name: 'image', dtype, shapeSignature: [-1, 28, 28, 1] });
    expect(tensors[outputs[0]!]).toMatchObject({ name: 'probabilities', dtype, shape: [1, 10] });
  });
}

test.each(models)('%s runs several pictures at once', async (model) => {
  using loaded = await loadModel(readFileSync(new URL(model, folder)));
  using interpreter = await Interpreter.create(loaded);
  const drawings = [1, 2, 3].map((index) => drawDigit(1, index));
  const pixels = drawings.map((drawing) => Float32Array.from(drawing.pixels, (grey) => grey / 255));
  const alone = pixels.map((picture) => {
    interpreter.inputs[0]!.setReal(picture);
    interpreter.invoke();
    return [...interpreter.outputs[0]!.real()];
  });
  interpreter.resizeInputTensor(0, [3, 28, 28, 1]);
  interpreter.allocateTensors();
  interpreter.inputs[0]!.setReal(pixels.flatMap((picture) => [...picture]));
  interpreter.invoke();
  expect(interpreter.outputs[0]!.shape).toEqual([3, 10]);
  const together = [...interpreter.outputs[0]!.real()];
  for (const [i, value] of alone.flat().entries()) expect(together[i]).toBeCloseTo(value, 5);
});

test('a seed draws the same digit at every time and nearly the same at every size', () => {
  const small = drawDigit(1, 2, { size: 28 });
  expect(drawDigit(1, 2, { size: 28 })).toEqual(small);
  const large = drawDigit(1, 2, { size: 56 });
  expect(large.digit).toBe(small.digit);
  const mean = (pixels: Uint8Array) => pixels.reduce((sum, grey) => sum + grey, 0) / pixels.length;
  expect(Math.abs(mean(large.pixels) - mean(small.pixels))).toBeLessThan(8);
});

test.each(models)('%s names the sample pictures, prepared as label_image does', async (model) => {
  const names = readdirSync(new URL('samples/', folder));
  expect(names.length).toBeGreaterThanOrEqual(12);
  using loaded = await loadModel(readFileSync(new URL(model, folder)));
  using interpreter = await Interpreter.create(loaded);
  const answers = names.map((name) => {
    const image = decodeImage(readFileSync(new URL(`samples/${name}`, folder)));
    const grey = resizeBilinear(toGrey(image), [image.height, image.width], [28, 28], 1);
    interpreter.inputs[0]!.setReal(grey.map((level) => level / 255));
    interpreter.invoke();
    const scores = interpreter.outputs[0]!.real();
    return scores.indexOf(Math.max(...scores));
  });
  expect(answers).toEqual(names.map((name) => Number(name[0])));
});
