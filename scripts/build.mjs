// Builds everything that ships into dist/: wasm builds, one bundle a host, the command line, type declarations.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { bundle, modules } from './bundle.mjs';

const run = (script, ...args) => execFileSync(process.execPath, [script, ...args], { stdio: 'inherit' });

if (!process.argv.includes('--keep-wasm')) run('scripts/build-wasm.mjs');
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
for (const target of ['scalar', 'simd', 'simd-threads', 'relaxed', 'relaxed-threads']) {
  copyFileSync(`build/lanelite.${target}.wasm`, `dist/lanelite.${target}.wasm`);
}
for (const script of ['node-thread.js', 'web-thread.js']) copyFileSync(`build/${script}`, `dist/${script}`);

await bundle('browser');
await bundle('workerd');
await modules();
// The runtime for Node and the tools that use it share their code, so that a model loaded through one works in the other.
await build({
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  outdir: 'dist',
  chunkNames: '[name]-[hash]',
  entryPoints: [
    { in: 'bindings/node.ts', out: 'node' },
    { in: 'bindings/tools/index.ts', out: 'tools' },
    { in: 'bindings/tools/cli.ts', out: 'cli' },
  ],
  platform: 'node',
  external: ['binaryen', 'cli-progress', 'commander', 'jpeg-js', 'pngjs', 'rollup', 'terser'],
});
chmodSync('dist/cli.js', 0o755);
run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json');
mkdirSync('dist/types/build', { recursive: true });
copyFileSync('build/kernels.d.ts', 'dist/types/build/kernels.d.ts');
// Extra operators work with the runtime that is loaded already, so the entry asks that for them.
for (const host of ['node', 'browser', 'workerd']) {
  const text = `import { standardRegistry } from './${host}.js';\nexport const extra = await (await standardRegistry.more()).extra();\n`;
  writeFileSync(`dist/ops-extra.${host}.js`, text);
}
