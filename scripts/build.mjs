// Builds everything that ships into dist/: wasm builds, one bundle a host, the command line, type declarations.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const run = (script, ...args) => execFileSync(process.execPath, [script, ...args], { stdio: 'inherit' });

if (!process.argv.includes('--keep-wasm')) run('scripts/build-wasm.mjs');
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
for (const target of ['scalar', 'simd', 'relaxed']) {
  copyFileSync(`build/lanelite.${target}.wasm`, `dist/lanelite.${target}.wasm`);
}

// What is imported on demand (model metadata) becomes a file of its own.
const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  outdir: 'dist',
  splitting: true,
  chunkNames: '[name]-[hash]',
};
await build({
  ...common,
  entryPoints: ['bindings/browser.ts'],
  platform: 'browser',
  minify: true,
});
await build({
  ...common,
  entryPoints: ['bindings/workerd.ts'],
  platform: 'neutral',
  mainFields: ['module', 'main'],
  minify: true,
  external: ['*.wasm'],
});
// The runtime for Node and the tools that use it share their code, so that a model loaded through one works in the other.
await build({
  ...common,
  entryPoints: [
    { in: 'bindings/node.ts', out: 'node' },
    { in: 'bindings/tools/index.ts', out: 'tools' },
    { in: 'bindings/tools/cli.ts', out: 'cli' },
  ],
  platform: 'node',
  external: ['cli-progress', 'commander', 'jpeg-js', 'pngjs'],
});
chmodSync('dist/cli.js', 0o755);
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json');
copyFileSync('build/kernels.d.ts', 'dist/kernels.d.ts');
