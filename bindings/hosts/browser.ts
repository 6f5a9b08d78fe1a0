import { HostError } from '../errors.js';
import type { Build, Host } from './host.js';

const URLS: Record<Build, () => URL> = {
  // Written out, so that bundlers find the files.
  relaxed: () => new URL('./lanelite.relaxed.wasm', import.meta.url),
  simd: () => new URL('./lanelite.simd.wasm', import.meta.url),
  scalar: () => new URL('./lanelite.scalar.wasm', import.meta.url),
};

/** Browsers and their workers: kernels are fetched from beside the bundle and compiled while they stream in. */
export const browserHost: Host = {
  name: 'browser',
  compile: (build) => compileUrl(URLS[build]()),
  threads: () => import('./web-threads.js'),
};

export async function compileUrl(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url).catch((cause) => {
    throw new HostError(`cannot fetch ${url}`, { cause });
  });
  if (!response.ok) throw new HostError(`cannot fetch ${url}: status ${response.status}`);
  if (response.headers.get('content-type')?.startsWith('application/wasm')) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
