import { existsSync, readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { describe, expect, test } from 'vitest';
import { RelaxedDot } from '../assembly/lib/opcodes.js';
import { BUILDS, supportsBuild } from '../bindings/hosts/host.js';

// What the wasm files themselves promise to hosts, seen through AssemblyScript's own loader.
const file = (build: string) => new URL(`../build/lanelite.${build}.wasm`, import.meta.url);
const compiled = BUILDS.filter((build) => existsSync(file(build)) && supportsBuild(build)).map((build) => ({
  build,
  module: new WebAssembly.Module(readFileSync(file(build))),
}));
const kernelsOf = (module: WebAssembly.Module) =>
  WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
    .sort();

describe.each(compiled)('$build', ({ build, module }) => {
  test('imports its memory and nothing else', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });

  test('exports the same kernels as the other builds', () => {
    expect(kernelsOf(module)).toEqual(kernelsOf(compiled[0]!.module));
  });

  test('names kernels by type and family', () => {
    for (const name of kernelsOf(module)) expect(name).toMatch(/^(heap_base|_initialize|[a-z]+\d*_[a-z0-9_]+)$/);
  });

  test('tries relaxed dot products out', () => {
    const { exports } = instantiateSync<{ relaxed_dot_kind(): number }>(module, {
      env: { memory: new WebAssembly.Memory({ initial: 4 }) },
    });
    const kinds = build === 'relaxed' ? [RelaxedDot.NONE, RelaxedDot.UNSIGNED, RelaxedDot.SIGNED] : [RelaxedDot.NONE];
    expect(kinds).toContain(exports.relaxed_dot_kind());
  });

  test('copies exactly the units that it is asked for', () => {
    const memory = new WebAssembly.Memory({ initial: 4 });
    const { exports } = instantiateSync<{ heap_base(): number; x8_copy(...args: number[]): void }>(module, {
      env: { memory },
    });
    const base = exports.heap_base();
    const bytes = new Uint8Array(memory.buffer, base, 200);
    for (let i = 0; i < 100; i++) bytes[i] = i;
    exports.x8_copy(base, base + 100, 10, 60);
    expect([...bytes.subarray(100)]).toEqual(Array.from({ length: 100 }, (_, i) => (i >= 10 && i < 60 ? i : 0)));
  });
});
