// npm run size -- [--json]: raw, gzip and brotli bytes of everything in dist/ that ships.
import { readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

// What a page loads: browser.js and one wasm; on-demand-*.js for models beyond the standard operators (bindings/ops/standard.ts),
// metadata-*.js for models that carry metadata. The ceiling of browser.js is for all that most vision models need.

/** Ceilings in brotli bytes; raise one only in the commit that needs it, with the reason. */
const CEILINGS = {
  'lanelite.simd.wasm': 75 * 1024,
  'lanelite.relaxed.wasm': 75 * 1024,
  // 25 KiB and what the names of chunks, which are digests of their contents, make of it by chance.
  'browser.js': 25 * 1024 + 100,
};

const sizes = readdirSync('dist')
  .filter((name) => /\.(js|wasm)$/.test(name))
  .map((name) => {
    const bytes = readFileSync(`dist/${name}`);
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
  });

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(sizes, null, 2));
} else {
  console.log(`${'artefact'.padEnd(24)}${['raw', 'gzip', 'brotli', 'ceiling'].map((h) => h.padStart(10)).join('')}`);
  for (const { name, raw, gzip, brotli, ceiling } of sizes) {
    console.log(`${name.padEnd(24)}${[raw, gzip, brotli, ceiling ?? '-'].map((n) => String(n).padStart(10)).join('')}`);
  }
}
if (sizes.some(({ brotli, ceiling }) => ceiling && brotli > ceiling)) {
  console.error('an artefact is above its ceiling');
  process.exitCode = 1;
}
