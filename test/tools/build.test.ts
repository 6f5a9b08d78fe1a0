import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import * as full from '../../bindings/node.js';
import { buildSelective } from '../../bindings/tools/build.js';
import { compileModel } from '../../bindings/tools/compile.js';
import { fillInput } from '../../bindings/tools/run.js';

const read = (file: string) => readFileSync(file);
const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true });
});

async function build(...files: (string | Uint8Array)[]) {
  const dir = mkdtempSync(join(tmpdir(), 'lanelite-build-'));
  dirs.push(dir);
  const models = files.map((file) => (typeof file === 'string' ? read(file) : file));
  const result = await buildSelective(models, dir, { target: 'node' });
  const api: typeof full = await import(/* @vite-ignore */ pathToFileURL(join(dir, 'lanelite.js')).href);
  return { api, result };
}

/** Outputs of one run on generated inputs. */
async function outputs(api: typeof full, file: string | Uint8Array, arithmetic: 'fast' | 'exact') {
  const model = await api.loadModel(typeof file === 'string' ? read(file) : file);
  const interpreter = await api.Interpreter.create(model, { arithmetic });
  for (const tensor of interpreter.inputs) {
    if (tensor.dtype === 'int32') tensor.set([3, -1]);
    else fillInput(tensor, 3);
  }
  interpreter.invoke();
  return interpreter.outputs.map((tensor) => [tensor.shape, tensor.bytes()]);
}

const DIGITS = ['examples/digits/digits.tflite', 'examples/digits/digits_int8.tflite'];
const corpus = (name: string) => `test/conformance/${name}.tflite`;

describe.skipIf(!existsSync('dist/modules'))('lanelite build', () => {
  test('standard models run as with the whole runtime', async () => {
    const { api, result } = await build(...DIGITS);
    expect(result.operators).toContain('CONV_2D');
    expect(result.kernels.length).toBeLessThan(result.allKernels / 4);
    for (const file of DIGITS) {
      for (const arithmetic of ['fast', 'exact'] as const) {
        expect(await outputs(api, file, arithmetic)).toEqual(await outputs(full, file, arithmetic));
      }
    }
  });

  test('other operators are unsupported, and the error says why', async () => {
    const { api } = await build(DIGITS[0]!);
    const other = await api.loadModel(read(corpus('ADD/float32_3x5_scalar')));
    const error = await api.Interpreter.create(other).catch((e) => e);
    expect(error).toBeInstanceOf(api.UnsupportedOperatorError);
    expect(error.message).toMatch(/not in this selective build/);
    // The operators are there, but not for bytes.
    const bytes = await api.loadModel(read(DIGITS[1]!));
    await expect(api.Interpreter.create(bytes)).rejects.toBeInstanceOf(api.UnsupportedOperatorError);
  });

  test('models beyond the standard operators bring the whole compiler', async () => {
    const file = corpus('RESHAPE/float32_6x2_to_3xn_dynamic');
    const integers = corpus('ADD/int64_act_relu');
    const { api } = await build(file, integers);
    for (const name of [file, integers]) {
      expect(await outputs(api, name, 'fast')).toEqual(await outputs(full, name, 'fast'));
    }
    const other = await api.loadModel(read(corpus('SOFTMAX/float32_1x10_beta1')));
    await expect(api.Interpreter.create(other)).rejects.toThrow(/not in this selective build/);
  });

  test('compiled models need neither operators nor the compiler', async () => {
    // The last one keeps state.
    const sources = [...DIGITS, corpus('SVDF/float32_b2_i5_u4_act1_r2')];
    const options = { arithmetics: ['fast', 'exact'] } as const;
    const files = await Promise.all(sources.map(async (file) => (await compileModel(read(file), options)).bytes));
    const { api, result } = await build(...files);
    expect(result.operators).toContain('CONV_2D');
    expect(result.files[0]!.brotli).toBeLessThan(13_000);
    for (const [i, source] of sources.entries()) {
      for (const arithmetic of options.arithmetics) {
        expect(await outputs(api, files[i]!, arithmetic)).toEqual(await outputs(full, source, arithmetic));
      }
    }
    const refused = await api.loadModel(read(DIGITS[0]!)).catch((error) => error);
    expect(refused).toBeInstanceOf(api.ModelFormatError);
    expect(refused.message).toMatch(/is no compiled model, and this runtime takes no others/);
    await expect(build(files[0]!, DIGITS[0]!)).rejects.toThrow(/no runtime in common/);
    await expect(buildSelective(files, dirs[0]!, { operators: ['x.js'] })).rejects.toThrow(/operators of your own/);
  });

  test('kernels of compiled models are those for the machines of the builds', async () => {
    const { bytes } = await compileModel(read(DIGITS[1]!), { machines: ['x86'] });
    const dir = mkdtempSync(join(tmpdir(), 'lanelite-build-'));
    dirs.push(dir);
    const { kernels } = await buildSelective([bytes], dir, { target: 'node', builds: ['relaxed'] });
    expect(kernels.some((name) => name.endsWith('_c4'))).toBe(true);
    await expect(buildSelective([bytes], dir, { target: 'node', builds: ['simd'] })).rejects.toThrow(
      /compiled for x86/,
    );
  });
});
