// npm run train:digits -- [HOW MANY DIGITS]
// Trains the classifier on digits that are drawn as they are needed, none of them twice, and writes the weights, with
// the ranges of the activations, to build/digits.json. export.ts makes the .tflite files of it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { drawDigit } from './draw.js';
import { Network } from './network.js';
import { seeds } from './seeds.js';
import { inputSize } from './specs.js';
import type { Trained } from './trained.js';

const pictures = Number(process.argv[2] ?? 1_000_000);
const batch = 40;
const learningRate = 2e-3;
/** Keeps the probabilities modest: the target is 95.5 % for the right digit and 0.5 % for each other one. */
const smoothing = 0.05;

const network = new Network(seeds.weights, batch);

/** Draws the digits from `first` on into the network's input and says which they are. */
function draw(seed: number, first: number): number[] {
  return Array.from({ length: batch }, (_, picture) => {
    const { digit, pixels } = drawDigit(seed, first + picture, { size: inputSize });
    for (let i = 0; i < pixels.length; i++) network.input[picture * pixels.length + i] = pixels[i]! / 255;
    return digit;
  });
}

function accuracy(count: number): number {
  let right = 0;
  for (let first = 0; first < count; first += batch) {
    const digits = draw(seeds.validation, first);
    const logits = network.forward();
    digits.forEach((digit, picture) => {
      const scores = logits.subarray(picture * 10, picture * 10 + 10);
      if (scores.indexOf(Math.max(...scores)) === digit) right++;
    });
  }
  return right / count;
}

const started = performance.now();
const seconds = () => Math.round((performance.now() - started) / 1000);
const steps = Math.floor(pictures / batch);
console.log(`${network.parameterCount} parameters, ${steps} steps of ${batch} digits`);
let loss = 0;
for (let step = 1; step <= steps; step++) {
  loss += network.learn(draw(seeds.training, (step - 1) * batch), smoothing);
  // Warms up for a hundred steps, then cools down along a cosine.
  network.step(learningRate * Math.min(1, step / 100) * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps)), step);
  if (step % 1000 === 0) {
    const score = (100 * accuracy(2000)).toFixed(2);
    console.log(`step ${step}: loss ${(loss / 1000).toFixed(4)}, validation ${score} %, ${seconds()} s`);
    loss = 0;
  }
}
const trainingSeconds = seconds();

const ranges = network.layers.map(() => ({ min: 0, max: 0 }));
for (let first = 0; first < 1000; first += batch) {
  draw(seeds.calibration, first);
  network.forward();
  network.layers.forEach(({ output }, i) => {
    const range = ranges[i]!;
    for (const value of output) {
      if (value < range.min) range.min = value;
      if (value > range.max) range.max = value;
    }
  });
}

const trained: Trained = {
  layers: network.layers.map(({ spec, weights, bias }, i) => ({
    name: spec.name,
    weights: [...weights.values],
    bias: [...bias.values],
    ...ranges[i]!,
  })),
  pictures: steps * batch,
  seconds: trainingSeconds,
};
mkdirSync('build', { recursive: true });
writeFileSync('build/digits.json', JSON.stringify(trained));
console.log(`validation ${(100 * accuracy(10_000)).toFixed(2)} % of 10000, ${trainingSeconds} s`);
