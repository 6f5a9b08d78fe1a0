import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelSourceError } from '../../bindings/errors.js';
import { setHost } from '../../bindings/hosts/host.js';
import { nodeHost } from '../../bindings/hosts/node.js';
import { type ModelSource, openSource, type SourceOptions } from '../../bindings/model/source.js';

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) >> 3);
const folder = mkdtempSync(join(tmpdir(), 'lanelite-source-'));
const path = join(folder, 'a model.tflite');
let server: Server;
let base: string;

beforeAll(async () => {
  setHost(nodeHost);
  writeFileSync(path, bytes);
  server = createServer((request, response) => {
    if (request.url === '/plain') response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else if (request.url === '/chunked') {
      response.write(bytes.subarray(0, 1000));
      response.end(bytes.subarray(1000));
    } else if (request.url === '/gzip') {
      const packed = gzipSync(bytes);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
    } else if (request.url === '/hangs') response.writeHead(200).write(bytes.subarray(0, 1000));
    else if (request.url === '/breaks') {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000), () => response.destroy());
    } else response.writeHead(404).end('no');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

async function load(source: ModelSource, options?: SourceOptions) {
  const { size, chunks } = await openSource(source, options);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return { size, bytes: new Uint8Array(Buffer.concat(parts)) };
}

const stream = () => new Blob([bytes]).stream();

describe('sources', () => {
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const known: [string, () => ModelSource][] = [
    ['Uint8Array', () => bytes],
    ['Uint8Array within a buffer', () => new Uint8Array([9, ...bytes, 9]).subarray(1, bytes.length + 1)],
    ['DataView', () => new DataView(bytes.buffer)],
    ['Int32Array', () => new Int32Array(bytes.buffer)],
    ['ArrayBuffer', () => bytes.buffer],
    ['SharedArrayBuffer', () => shared],
    ['Blob', () => new Blob([bytes])],
    ['File', () => new File([bytes], 'm.tflite')],
    ['path', () => path],
    ['file: URL', () => pathToFileURL(path)],
    ['file: string', () => pathToFileURL(path).href],
    ['http: string', () => `${base}/plain`],
    ['http: URL', () => new URL(`${base}/plain`)],
    ['Response', () => new Response(bytes, { headers: { 'content-length': `${bytes.length}` } })],
    ['Promise of a Response', () => fetch(`${base}/plain`)],
  ];
  test.each(known)('%s', async (_, source) => {
    const progress: (number | undefined)[][] = [];
    const result = await load(source(), { onProgress: (...args) => progress.push(args) });
    expect(result.size).toBe(bytes.length);
    expect(Buffer.compare(result.bytes, bytes)).toBe(0);
    expect(progress.at(-1)).toEqual([bytes.length, bytes.length]);
    const loaded = progress.map(([n]) => n!);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  });

  const unknown: [string, () => ModelSource][] = [
    ['ReadableStream', stream],
    ['Node stream', () => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])],
    ['Response without length', () => new Response(stream())],
    ['Response with an odd length', () => new Response(bytes, { headers: { 'content-length': '-1' } })],
    ['chunked', () => `${base}/chunked`],
    ['compressed', () => `${base}/gzip`],
  ];
  test.each(unknown)('%s', async (_, source) => {
    const result = await load(source());
    expect(result.size).toBeUndefined();
    expect(Buffer.compare(result.bytes, bytes)).toBe(0);
  });
});

describe('failures', () => {
  const broken: [string, () => unknown, RegExp][] = [
    ['missing file', () => join(folder, 'nothing'), /cannot read .*nothing/],
    ['folder', () => folder, /cannot read/],
    ['status', () => `${base}/nothing`, /status 404/],
    ['no server', () => 'http://127.0.0.1:1/x', /cannot fetch http:\/\/127/],
    ['unknown scheme', () => 'gopher://x', /cannot fetch gopher/],
    ['connection lost', () => `${base}/breaks`, /cannot read the model/],
    ['stream of text', () => Readable.from(['text'], { encoding: 'utf8' }), /gave a string/],
    ['stream that fails', () => new ReadableStream({ pull: () => Promise.reject(new Error('boom')) }), /boom/],
    ['a number', () => 42, /from number/],
    ['null', () => null, /from null/],
    ['a plain object', () => ({}), /from object/],
  ];
  test.each(broken)('%s', async (_, source, message) => {
    const error = await load(source() as ModelSource).catch((e) => e);
    expect(error).toBeInstanceOf(ModelSourceError);
    expect(error.message).toMatch(message);
  });

  test('a response that was read', async () => {
    const response = new Response(bytes);
    await response.arrayBuffer();
    await expect(load(response)).rejects.toThrow(/read already/);
  });

  test('what onProgress throws comes back as it is', async () => {
    const mine = new RangeError('mine');
    const onProgress = () => {
      throw mine;
    };
    await expect(load(bytes, { onProgress })).rejects.toBe(mine);
  });
});

describe('abort', () => {
  test('before', async () => {
    await expect(load(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('while a server keeps silent', async () => {
    const signal = AbortSignal.timeout(50);
    await expect(load(`${base}/hangs`, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('while a stream keeps silent', async () => {
    let cancelled: unknown;
    const silent = new ReadableStream<Uint8Array>({
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const controller = new AbortController();
    const loading = load(silent, { signal: controller.signal });
    setTimeout(() => controller.abort('enough'), 20);
    await expect(loading).rejects.toBe('enough');
    expect(cancelled).toBe('enough');
  });

  test('a consumer that stops cancels the stream', async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes.slice(0, 10)),
      cancel: () => {
        cancelled = true;
      },
    });
    const { chunks } = await openSource(endless);
    for await (const _ of chunks) break;
    expect(cancelled).toBe(true);
  });
});
