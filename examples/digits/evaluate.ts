// npm run evaluate:digits -- [COUNT]
// Accuracy of both shipped models on digits drawn with a seed that training never used.
import { readFileSync } from 'node:fs';
import { Interpreter, type InterpreterOptions, type LoadOptions, loadModel } from '../../bindings/node.js';
import { drawDigit } from './train/draw.js';
import { seeds } from './train/seeds.js';

export const models = ['digits.tflite', 'digits_int8.tflite'] as const;

/** How many of the first `count` held-out digits a model in this folder names right. */
export async function countRight(
  model: string,
  count: number,
  options: LoadOptions & InterpreterOptions = {},
): Promise<number> {
  using loaded = await loadModel(readFileSync(`examples/digits/${model}`), options);
  using interpreter = await Interpreter.create(loaded, options);
  let right = 0;
  for (let i = 0; i < count; i++) {
    const { digit, pixels } = drawDigit(seeds.heldOut, i);
    interpreter.inputs[0]!.setReal(Float32Array.from(pixels, (grey) => grey / 255));
    interpreter.invoke();
    const scores = interpreter.outputs[0]!.data() as Float32Array | Int8Array;
    if (scores.indexOf(Math.max(...scores)) === digit) right++;
  }
  return right;
}

if (process.argv[1]?.endsWith('evaluate.ts')) {
  const count = Number(process.argv[2] ?? 10_000);
  for (const model of models) {
    const right = await countRight(model, count);
    console.log(`${model}: ${right} of ${count} right (${((100 * right) / count).toFixed(2)} %)`);
  }
}
