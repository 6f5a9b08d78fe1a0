import { existsSync, readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { describe, expect, test } from 'vitest';
import { RelaxedDot } from '../assembly/lib/opcodes.js';
import { BUILDS, supportsBuild } from '../bindings/hosts/host.js';
import { roundAway } from '../bindings/quantization.js';

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

  test.each([
    ['symmetrically', 0, 1, 0],
    ['asymmetrically', 1, 1, 0],
    ['asymmetrically about another zero', 1, 4, -7],
  ])('rounds halves away from zero where floats are quantized %s', (_name, asymmetric, scale, zeroPoint) => {
    type Quantize = (x: number, y: number, parameters: number, ranges: number, ...more: number[]) => void;
    const memory = new WebAssembly.Memory({ initial: 4 });
    const { exports } = instantiateSync<{ heap_base(): number; f32_dynamic_quantize: Quantize }>(module, {
      env: { memory },
    });
    const base = (exports.heap_base() + 15) & ~15;
    // The ends, then all halves between them and what floats have on both sides of these.
    const steps = Array.from({ length: 510 }, (_, i) => (i - 255) / 2 - zeroPoint).filter(
      (v) => v > -127 - zeroPoint && v < 127 - zeroPoint,
    );
    const least = asymmetric ? -128 - zeroPoint : -127;
    const values = [least, 127 - zeroPoint, ...steps.flatMap((v) => [v, v * (1 - 2 ** -23), v * (1 + 2 ** -23)])];
    const x = new Float32Array(memory.buffer, base, values.length);
    for (const [i, v] of values.entries()) x[i] = v * scale;
    const y = new Int8Array(memory.buffer, base + 16384, values.length);
    exports.f32_dynamic_quantize(base, base + 16384, base + 8192, 0, values.length, 1, asymmetric, 0, 0, 1);
    expect(new Float32Array(memory.buffer, base + 8192, 1)[0]).toBe(scale);
    expect(new Int32Array(memory.buffer, base + 8192, 2)[1]).toBe(zeroPoint);
    const expected = [...x].map((v) => roundAway(Math.fround(Math.fround(v / scale) + zeroPoint)));
    expect(y).toEqual(Int8Array.from(expected, (q) => Math.min(Math.max(q, -128), 127)));
  });

  test('finds the ranges of rows that an activation bounds, whoever takes which piece', () => {
    type Range = (
      x: number,
      ranges: number,
      k: number,
      pieces: number,
      most: number,
      begin: number,
      end: number,
    ) => void;
    const memory = new WebAssembly.Memory({ initial: 4 });
    const { exports } = instantiateSync<{ heap_base(): number; f32_dynamic_range: Range }>(module, { env: { memory } });
    const base = (exports.heap_base() + 15) & ~15;
    const [rows, k, pieces, most] = [3, 75, 5, 6];
    const x = new Float32Array(memory.buffer, base, rows * k).map((_, i) => (i * 37) % 59) as Float32Array;
    for (const [i, v] of x.entries()) x[i] = v / 10;
    // The second row reaches the bound, in its third piece and after it.
    x[k + 40] = most;
    x[k + 70] = most;
    new Float32Array(memory.buffer, base, rows * k).set(x);
    for (const split of [0, 1, 6, 7, 8, 9, 15]) {
      const ranges = new Float32Array(memory.buffer, base + 4096, rows * pieces * 2).fill(NaN);
      exports.f32_dynamic_range(base, base + 4096, k, pieces, most, 0, split);
      exports.f32_dynamic_range(base, base + 4096, k, pieces, most, split, rows * pieces);
      for (let r = 0; r < rows; r++) {
        const found = ranges.subarray(r * pieces * 2, (r + 1) * pieces * 2);
        expect(Math.max(...found)).toBe(Math.max(...x.subarray(r * k, (r + 1) * k)));
        expect(Math.min(...found)).toBe(0);
      }
    }
  });
});
