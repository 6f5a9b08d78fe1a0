import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as lanelite from '../../bindings/index.js';
import { Interpreter, loadModel } from '../../bindings/index.js';
import { generateInput } from '../../bindings/tools/inputs.js';
import { buildOpModel } from '../support/build-model.js';
import { builds } from '../support/builds.js';

// The browser bundle in a real browser: same answers as here, and no files but those that a model needs.
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const root = new URL('../..', import.meta.url).pathname;
const built = existsSync(join(root, 'dist/browser.js'));
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
// Imported by the page, because vitest rewrites the imports of what is evaluated there.
const PAGE = `<!doctype html><script type="module">
  import * as lanelite from '/dist/browser.js';
  globalThis.lanelite = lanelite;
</script>`;

const digits = (name: string) => readFileSync(join(root, `examples/digits/${name}.tflite`));
const MODELS = [
  { name: 'digits', bytes: digits('digits'), onDemand: false },
  { name: 'digits_int8', bytes: digits('digits_int8'), onDemand: false },
  {
    name: 'cumsum',
    bytes: buildOpModel('CUMSUM', {
      name: 'rows',
      inputs: [
        { dtype: 'float32', shape: [2, 3] },
        { dtype: 'int32', shape: [1], data: Int32Array.of(1), constant: true },
      ],
      outputs: [{ dtype: 'float32', shape: [2, 3] }],
    }),
    onDemand: true,
  },
];

describe.skipIf(!CHROMIUM || !built)(`browser bundle in Chromium${CHROMIUM ? '' : ' (no Chromium installed)'}`, () => {
  let server: Server;
  let browser: Browser;
  let origin = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://localhost');
      if (pathname === '/') return void response.setHeader('content-type', 'text/html').end(PAGE);
      const model = MODELS.find(({ name }) => pathname === `/${name}.tflite`);
      const file = join(root, pathname);
      if (!model && !existsSync(file)) return void response.writeHead(404).end();
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(model?.bytes ?? readFileSync(file));
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

  test.each(MODELS.flatMap((model) => builds.map((build) => ({ ...model, build }))))(
    '$name, $build',
    async ({ name, bytes, onDemand, build }) => {
      using local = await loadModel(bytes, { build });
      using interpreter = await Interpreter.create(local);
      const tensor = interpreter.inputs[0]!;
      tensor.set(generateInput(1, 0, tensor.dtype, tensor.size));

      const page = await browser.newPage();
      const files: string[] = [];
      page.on('request', (request) => files.push(new URL(request.url()).pathname));
      await page.goto(origin);
      const got = await page.evaluate(
        async ({ url, build, input }) => {
          const { loadModel, Interpreter } = (globalThis as unknown as { lanelite: typeof lanelite }).lanelite;
          const progress: number[] = [];
          const loaded = await loadModel(url, { build, onProgress: (bytes: number) => progress.push(bytes) });
          const interpreter = await Interpreter.create(loaded);
          interpreter.inputs[0]!.set(input);
          interpreter.invoke();
          const output = Array.from(interpreter.outputs[0]!.data() as Float32Array);
          interpreter.close();
          return { output, last: progress.pop(), size: loaded.size };
        },
        { url: `${origin}/${name}.tflite`, build, input: Array.from(tensor.data() as Float32Array) },
      );
      await page.close();
      interpreter.invoke();
      expect(got.output).toEqual(Array.from(interpreter.outputs[0]!.data() as Float32Array));
      expect(got.last).toBe(got.size);
      expect(got.size).toBe(bytes.length);
      expect(files.some((file) => file.includes('/on-demand'))).toBe(onDemand);
    },
  );
});
