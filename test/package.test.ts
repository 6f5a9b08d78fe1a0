import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

// What is published: every entry is there, sizes hold, generated documents are fresh.
const script = (...args: string[]) => execFileSync(process.execPath, args, { encoding: 'utf8' });
const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8'));

describe.skipIf(!existsSync('dist/browser.js'))('dist', () => {
  test('every export of package.json exists', () => {
    const files = (entry: unknown): string[] =>
      typeof entry === 'string' ? [entry] : Object.values(entry ?? {}).flatMap(files);
    for (const file of [...files(exports), ...files(bin)]) expect(existsSync(file), file).toBe(true);
  });

  test('no artefact is above its ceiling', () => {
    const sizes: { name: string; brotli: number; ceiling: number | null }[] = JSON.parse(
      script('scripts/size.mjs', '--json'),
    );
    const held = sizes.filter(({ ceiling }) => ceiling !== null);
    expect(held.map(({ name }) => name)).toEqual(expect.arrayContaining(['browser.js', 'lanelite.simd.wasm']));
    for (const { name, brotli, ceiling } of held) expect(brotli, name).toBeLessThanOrEqual(ceiling!);
  });

  test('the Node entry exports the public API', async () => {
    const api = await import(/* @vite-ignore */ new URL('../dist/node.js', import.meta.url).href);
    expect(Object.keys(api)).toEqual(expect.arrayContaining(['Interpreter', 'loadModel', 'LaneliteError', 'Engine']));
  });

  test('the extra operators are a separate entry of the same runtime', async () => {
    const load = (file: string) => import(/* @vite-ignore */ new URL(`../dist/${file}`, import.meta.url).href);
    const [{ extra }, { Interpreter }] = [await load('ops-extra.node.js'), await load('node.js')];
    expect(extra.map(({ name }: { name: string }) => name)).toContain('SignalRfft');
    expect(Interpreter).toBeDefined();
    expect(readFileSync('dist/browser.js', 'utf8')).not.toContain('SignalRfft');
  });

  test('the browser entry imports nothing from the start', () => {
    const text = readFileSync('dist/browser.js', 'utf8');
    expect(text).not.toMatch(/^import[\s{"']/m);
    expect(text).not.toMatch(/\bfrom\s*["']/);
  });
});

test('docs/operators.md is fresh', () => {
  script('scripts/run-ts.mjs', 'scripts/generate-operators.ts', '--check');
});
