import { describe, expect, test } from 'vitest';
import { main } from '../../bindings/tools/program.js';

async function run(...args: string[]) {
  let out = '';
  let error = '';
  const status = await main(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { status, out, error };
}

describe('the command line', () => {
  test('help and version are no errors', async () => {
    const help = await run('--help');
    expect(help).toMatchObject({ status: 0, error: '' });
    for (const name of ['run', 'label-image', 'benchmark', 'evaluate', 'summarize', 'plan']) {
      expect(help.out).toContain(`  ${name} [options]`);
      expect((await run(name, '--help')).out).toContain('--json');
    }
    expect(await run('--version')).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  const wrong: [string[], RegExp][] = [
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['plan'], /missing required argument 'model'/],
    [['run', 'x', '--seed', '-1'], /'--seed <n>' argument '-1' is invalid. expected a whole number, 0 or more/],
    [['run', 'x', '--input', 'a.bin'], /expected TENSOR=VALUE/],
    [['run', 'x', '--build', 'avx'], /Allowed choices are auto, relaxed, simd, scalar/],
    [['label-image', 'x.png'], /required option '--model <file>' not specified/],
    [['label-image', 'x.png', '--model', 'm', '--top', '0'], /expected a whole number, 1 or more/],
    [['evaluate', 'm', '--dataset', 'd', '--normalize', '1'], /expected raw, unit, signed, cifar10/],
    [['benchmark', 'm', '--min-seconds', 'x'], /expected a number/],
  ];
  test.each(wrong)('%j is a usage error', async (args, message) => {
    const { status, out, error } = await run(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(error).toMatch(/^error \[USAGE\]: /);
    expect(error).toMatch(message);
    expect(error).not.toContain('    at ');
  });

  test('errors are one line with a code; --verbose adds where', async () => {
    const missing = await run('summarize', '/nowhere/model.tflite');
    expect(missing.status).toBe(1);
    expect(missing.error).toMatch(/^error \[\w+\]: .*\/nowhere\/model\.tflite.*\n$/);
    const verbose = await run('summarize', '/nowhere/model.tflite', '--verbose');
    expect(verbose.error).toContain('    at ');
  });

  test('a file that is no model is refused', async () => {
    const { status, error } = await run('summarize', new URL(import.meta.url).pathname);
    expect(status).toBe(1);
    expect(error).toMatch(/^error \[MODEL_FORMAT\]: /);
  });
});
