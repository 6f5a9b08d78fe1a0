// npm run size -- [--json]: raw, gzip and brotli bytes of everything in dist/ that ships.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

// What a page loads: browser.js and one wasm; common-registry-*.js, and on-demand-*.js beside it, for models beyond the standard operators,
// metadata-*.js for models that carry metadata. The ceiling of browser.js is for all that most vision models need.

// A selective build for the operators of a quantized MobileNetV2, with all forms in 8 bits that the small models of the corpus show.
const MOBILENET = ['CONV_2D', 'DEPTHWISE_CONV_2D', 'ADD', 'AVERAGE_POOL_2D', 'RESHAPE', 'SOFTMAX'];
const SELECTIVE = {
  mobilenet_v2: MOBILENET.flatMap((op) =>
    readdirSync(`test/conformance/${op}`)
      .filter((file) => /^u?int8_.*\.tflite$/.test(file) && !file.includes('dynamic'))
      .map((file) => `test/conformance/${op}/${file}`),
  ),
  digits: ['examples/digits/digits.tflite', 'examples/digits/digits_int8.tflite'],
};

/** Ceilings in brotli bytes; raise one only in the commit that needs it, with the reason. */
const CEILINGS = {
  'lanelite.simd.wasm': 75 * 1024,
  'lanelite.relaxed.wasm': 75 * 1024,
  'browser.js': 25 * 1024,
  'mobilenet_v2/lanelite.js': 20 * 1024,
  'mobilenet_v2/lanelite.simd.wasm': 25 * 1024,
  'mobilenet_v2/lanelite.relaxed.wasm': 25 * 1024,
};

function measure(name, bytes) {
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  }).length;
  return {
    name,
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli,
    ceiling: CEILINGS[name] ?? null,
  };
}

const sizes = readdirSync('dist')
  .filter((name) => /\.(js|wasm)$/.test(name))
  .map((name) => measure(name, readFileSync(`dist/${name}`)));

await import('../dist/node.js');
const { buildSelective } = await import('../dist/tools.js');
for (const [name, models] of Object.entries(SELECTIVE)) {
  const dir = mkdtempSync(join(tmpdir(), 'lanelite-size-'));
  const { files } = await buildSelective(
    models.map((file) => readFileSync(file)),
    dir,
  );
  for (const { name: file } of files.filter((f) => f.name.startsWith('lanelite.'))) {
    sizes.push(measure(`${name}/${file}`, readFileSync(join(dir, file))));
  }
  rmSync(dir, { recursive: true });
}

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(sizes, null, 2));
} else {
  console.log(`${'artefact'.padEnd(36)}${['raw', 'gzip', 'brotli', 'ceiling'].map((h) => h.padStart(10)).join('')}`);
  for (const { name, raw, gzip, brotli, ceiling } of sizes) {
    console.log(`${name.padEnd(36)}${[raw, gzip, brotli, ceiling ?? '-'].map((n) => String(n).padStart(10)).join('')}`);
  }
}
if (sizes.some(({ brotli, ceiling }) => ceiling && brotli > ceiling)) {
  console.error('an artefact is above its ceiling');
  process.exitCode = 1;
}
