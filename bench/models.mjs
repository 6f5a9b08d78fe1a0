// npm run bench -- [MODEL.tflite…]: whole models on every build and arithmetic that this host runs, side by side.
// Needs dist/ (npm run build). Numbers of one run are comparable with each other; machines and load differ.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import Benchmark from 'benchmark';

setFlagsFromString('--experimental-wasm-relaxed-simd');
const { Interpreter, loadModel, supportsBuild } = await import('../dist/node.js');
const { extra } = await import('../dist/ops-extra.node.js');

const files = process.argv.slice(2);
if (!files.length) files.push('examples/digits/digits.tflite', 'examples/digits/digits_int8.tflite');

for (const file of files) {
  const suite = new Benchmark.Suite(basename(file));
  for (const build of ['relaxed', 'simd', 'scalar'].filter(supportsBuild)) {
    for (const arithmetic of ['fast', 'exact']) {
      const model = await loadModel(readFileSync(file), { build });
      const interpreter = await Interpreter.create(model, { arithmetic, customOps: extra });
      suite.add(`${build} ${arithmetic}`, () => interpreter.invoke(), { maxTime: 1 });
    }
  }
  console.log(basename(file));
  suite.on('cycle', ({ target }) => {
    const { mean, rme } = target.stats;
    console.log(`  ${target.name.padEnd(14)} ${(mean * 1e3).toFixed(3).padStart(10)} ms  ±${rme.toFixed(1)} %`);
  });
  suite.run();
}
