// Runs a TypeScript file of this repository: node scripts/run-ts.mjs FILE [ARGUMENT…]
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { build } from 'esbuild';

// Node 20 has relaxed SIMD behind a flag; newer versions accept the flag and have it on.
setFlagsFromString('--experimental-wasm-relaxed-simd');

const [file, ...args] = process.argv.slice(2);
const outfile = `build/scripts/${basename(file).replace(/\.ts$/, '')}-${process.pid}.mjs`;
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  target: 'node20',
  // The entries choose the host as they are imported; package.json calls that no side effect, for other bundlers' sake.
  ignoreAnnotations: true,
  logLevel: 'warning',
});
process.argv = [process.argv[0], file, ...args];
try {
  await import(pathToFileURL(outfile));
} finally {
  const { rmSync } = await import('node:fs');
  rmSync(outfile, { force: true });
}
