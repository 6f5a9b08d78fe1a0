// Serves the repository's files to the measuring pages, cross-origin isolated, so that clocks are fine and threads allowed.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { transform } from 'esbuild';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
};
const PUBLIC = ['/node_modules/', '/dist/', '/build/', '/bench/'];
const PAGE = '<!doctype html><meta charset="utf-8"><title>bench</title><body></body>';

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export class BenchServer {
  /** Bytes to serve by path, besides files. */
  readonly extra = new Map<string, Uint8Array>();
  /** Bodies of POST requests by path. */
  readonly received = new Map<string, Buffer>();
  readonly #files = new Map<string, Uint8Array | string>();
  readonly #server: Server;

  private constructor(readonly root: string) {
    this.#server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url!, 'http://localhost');
      for (const [name, value] of [
        ['cross-origin-opener-policy', 'same-origin'],
        ['cross-origin-embedder-policy', 'require-corp'],
        ['cross-origin-resource-policy', 'same-origin'],
      ] as const) {
        response.setHeader(name, value);
      }
      if (request.method === 'POST') {
        this.received.set(pathname, await body(request));
        return void response.end();
      }
      const content = this.extra.get(pathname) ?? (await this.#file(pathname));
      if (content === null) return void response.writeHead(404).end();
      const type = pathname === '/' ? 'text/html' : TYPES[extname(pathname)];
      response.setHeader('content-type', type ?? 'application/octet-stream').end(content);
    });
  }

  static async start(root: string): Promise<BenchServer> {
    const server = new BenchServer(root);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** A file of the repository, read once; a script that exists as TypeScript only is translated. */
  async #file(pathname: string): Promise<Uint8Array | string | null> {
    if (pathname === '/') return PAGE;
    let content = this.#files.get(pathname) ?? null;
    if (content !== null) return content;
    const path = join(this.root, decodeURIComponent(pathname));
    if (!PUBLIC.some((folder) => pathname.startsWith(folder)) || !path.startsWith(this.root)) return null;
    const source = path.replace(/\.js$/, '.ts');
    if (existsSync(path)) content = readFileSync(path);
    else if (path.endsWith('.js') && existsSync(source)) {
      content = (await transform(readFileSync(source, 'utf8'), { loader: 'ts', target: 'es2022' })).code;
    } else return null;
    this.#files.set(pathname, content);
    return content;
  }
}
