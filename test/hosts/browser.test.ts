import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Interpreter, loadModel } from '../../bindings/index.js';
import { generateInput } from '../../bindings/tools/inputs.js';
import { builds } from '../support/builds.js';

// The browser bundle in a real browser: same answers as here.
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const root = new URL('../..', import.meta.url).pathname;
const built = existsSync(join(root, 'dist/browser.js'));
const MODELS = ['examples/digits/digits.tflite', 'examples/digits/digits_int8.tflite'];
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };

describe.skipIf(!CHROMIUM || !built)(`browser bundle in Chromium${CHROMIUM ? '' : ' (no Chromium installed)'}`, () => {
  let server: Server;
  let browser: Browser;
  let origin = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://localhost');
      if (pathname === '/') return void response.setHeader('content-type', 'text/html').end('<!doctype html>');
      const file = join(root, pathname);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test.each(MODELS.flatMap((model) => builds.map((build) => ({ model, build }))))(
    '$model, $build',
    async ({ model, build }) => {
      const page = await browser.newPage();
      await page.goto(origin);
      const input = (dtype: 'float32' | 'int8', size: number) => generateInput(1, 0, dtype, size);
      const dtype = model.includes('int8') ? 'int8' : 'float32';
      const got = await page.evaluate(
        async ({ origin, model, build, pixels }) => {
          const { loadModel, Interpreter } = await import(`${origin}/dist/browser.js`);
          const progress: number[] = [];
          const loaded = await loadModel(`${origin}/${model}`, {
            build,
            onProgress: (bytes: number) => progress.push(bytes),
          });
          const interpreter = await Interpreter.create(loaded);
          interpreter.inputs[0].set(pixels);
          interpreter.invoke();
          const scores = [...interpreter.outputs[0].data()] as number[];
          interpreter.close();
          return { scores, last: progress.pop(), size: loaded.size };
        },
        { origin, model, build, pixels: Array.from(input(dtype, 784) as Float32Array) },
      );
      await page.close();
      using local = await loadModel(readFileSync(join(root, model)), { build });
      using interpreter = await Interpreter.create(local);
      interpreter.inputs[0]!.set(input(dtype, 784));
      interpreter.invoke();
      expect(got.scores).toEqual(Array.from(interpreter.outputs[0]!.data() as Float32Array));
      expect(got.last).toBe(got.size);
    },
  );
});
