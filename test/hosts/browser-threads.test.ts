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

// Threads in a real browser: in a page, whose main thread may not wait, and in a worker of a page.
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const root = new URL('../..', import.meta.url).pathname;
const built = existsSync(join(root, 'dist/web-thread.js'));
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

/** Runs a model with several numbers of threads. Its text becomes part of the page and of the page's worker. */
async function runAll(build: lanelite.Build, input: number[]) {
  const { loadModel, Interpreter } = (globalThis as unknown as { lanelite: typeof lanelite }).lanelite;
  const model = await loadModel('/large.tflite', { build });
  const results = [];
  for (const threads of [1, 2, 3]) {
    const interpreter = await Interpreter.create(model, { threads });
    const outputs: number[][] = [];
    const read = () => outputs.push([...new Uint32Array(interpreter.outputs[0]!.bytes().buffer)]);
    for (let run = 0; run < 3; run++) {
      interpreter.inputs[0]!.set(input);
      interpreter.invoke();
      read();
    }
    interpreter.inputs[0]!.set(input.slice().reverse());
    await interpreter.invokeAsync();
    interpreter.inputs[0]!.set(input);
    await interpreter.invokeAsync();
    read();
    const { threads: used, threadsReason } = interpreter.info;
    interpreter.close();
    results.push({ used, threadsReason, outputs });
  }
  model.close();
  return results;
}

// Imported there, because vitest rewrites the imports of what is evaluated.
const IMPORT = `import * as lanelite from '/dist/browser.js';
globalThis.lanelite = lanelite;
globalThis.runAll = ${runAll};
`;
const PAGE = `<!doctype html><script type="module">${IMPORT}</script>`;
const WORKER = `${IMPORT}
onmessage = async ({ data }) => {
  postMessage(await runAll(...data).catch((error) => String(error)));
};`;

const large = buildOpModel('LOGISTIC', {
  name: 'large',
  inputs: [{ dtype: 'float32', shape: [300, 100] }],
  outputs: [{ dtype: 'float32', shape: [300, 100] }],
});
const input = [...(generateInput(1, 0, 'float32', 30_000) as Float32Array)];

describe.skipIf(!CHROMIUM || !built)(`threads in Chromium${CHROMIUM ? '' : ' (no Chromium installed)'}`, () => {
  let server: Server;
  let browser: Browser;
  let origin = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://localhost');
      if (pathname !== '/plain') for (const header of Object.entries(ISOLATED)) response.setHeader(...header);
      if (pathname === '/' || pathname === '/plain') {
        return void response.setHeader('content-type', 'text/html').end(PAGE);
      }
      if (pathname === '/worker.js') return void response.setHeader('content-type', 'text/javascript').end(WORKER);
      if (pathname === '/large.tflite') return void response.end(large);
      const file = join(root, pathname);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      response.end(readFileSync(file));
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

  async function expected(build: lanelite.Build): Promise<number[]> {
    using model = await loadModel(large, { build });
    using interpreter = await Interpreter.create(model);
    interpreter.inputs[0]!.set(input);
    interpreter.invoke();
    return [...new Uint32Array(interpreter.outputs[0]!.bytes().buffer)];
  }

  const run = ([build, input]: [lanelite.Build, number[]]) =>
    (globalThis as unknown as { runAll: typeof runAll }).runAll(build, input);
  const runInWorker = (args: [lanelite.Build, number[]]) =>
    new Promise<Awaited<ReturnType<typeof runAll>>>((resolve, reject) => {
      const worker = new Worker('/worker.js', { type: 'module' });
      worker.onmessage = ({ data }) => (typeof data === 'string' ? reject(new Error(data)) : resolve(data));
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(args);
    });

  describe.each(builds.filter((build) => build !== 'scalar'))('%s', (build) => {
    test.each([
      ['the page', run],
      ['a worker', runInWorker],
    ])('the same bytes with 1, 2 and 3 threads in %s', async (_, code) => {
      const page = await browser.newPage();
      await page.goto(origin);
      const results = await page.evaluate(code, [build, input] as [lanelite.Build, number[]]);
      // All that `close()` left are the workers of the page itself.
      await expect.poll(() => page.workers().filter((worker) => worker.url().includes('web-thread')).length).toBe(0);
      await page.close();
      const wanted = await expected(build);
      expect(results.map(({ used }) => used)).toEqual([1, 2, 3]);
      for (const { outputs, threadsReason, used } of results) {
        if (used > 1) expect(threadsReason).toBe(null);
        for (const output of outputs) expect(output).toEqual(wanted);
      }
    });
  });

  test('without isolation there is one thread, and a reason', async () => {
    const page = await browser.newPage();
    await page.goto(`${origin}/plain`);
    const results = await page.evaluate(run, ['simd', input] as [lanelite.Build, number[]]);
    await page.close();
    expect(results.map(({ used }) => used)).toEqual([1, 1, 1]);
    expect(results[1]!.threadsReason).toMatch(/^the page is not cross-origin isolated: .*require-corp$/);
    expect(results[1]!.outputs[0]).toEqual(await expected('simd'));
  });
});
