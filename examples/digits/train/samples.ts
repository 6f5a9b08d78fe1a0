// Draws the sample pictures, four times the model's size, with a seed of their own; and, for the README, a sheet of
// digits as training sees them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { drawDigit } from './draw.js';
import { seeds } from './seeds.js';
import { inputSize } from './specs.js';

const size = 112;
const folder = 'examples/digits/samples';

/** A legible and varied choice: which digit, drawn by which index of the series, dark on light or not. */
const samples: [digit: number, index: number, inverted: boolean][] = [
  [0, 9, false],
  [1, 6, false],
  [2, 5, false],
  [3, 1, false],
  [4, 4, false],
  [5, 3, false],
  [6, 9, false],
  [7, 10, false],
  [8, 2, false],
  [9, 9, false],
  [4, 10, true],
  [8, 8, true],
];

function writePng(file: string, width: number, pixels: Uint8Array): void {
  const png = new PNG({ width, height: pixels.length / width });
  pixels.forEach((grey, i) => {
    png.data.set([grey, grey, grey, 255], i * 4);
  });
  writeFileSync(file, PNG.sync.write(png, { colorType: 0 }));
}

mkdirSync(folder, { recursive: true });
for (const [digit, index, inverted] of samples) {
  const { pixels } = drawDigit(seeds.samples, index, { size, digit, inverted });
  writePng(`${folder}/${digit}${inverted ? '-dark-on-light' : ''}.png`, size, pixels);
}

const [columns, rows, cell] = [24, 10, inputSize + 2];
const sheet = new Uint8Array(columns * cell * rows * cell).fill(110);
for (let at = 0; at < columns * rows; at++) {
  const row = Math.floor(at / columns);
  const { pixels } = drawDigit(seeds.training, at, { digit: row });
  for (let y = 0; y < inputSize; y++) {
    const corner = (row * cell + 1) * columns * cell + (at % columns) * cell + 1;
    sheet.set(pixels.subarray(y * inputSize, (y + 1) * inputSize), corner + y * columns * cell);
  }
}
writePng('examples/digits/drawn.png', columns * cell, sheet);
console.log(`${samples.length} pictures in ${folder}`);
