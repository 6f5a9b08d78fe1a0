import type { StartThread } from '../threads/host.js';
import { threadSupport } from '../threads/pool.js';
import { compileUrl } from './browser.js';

const URLS: Record<string, () => URL> = {
  // Written out, so that bundlers find the files.
  relaxed: () => new URL('./lanelite.relaxed-threads.wasm', import.meta.url),
  simd: () => new URL('./lanelite.simd-threads.wasm', import.meta.url),
};

const start: StartThread = (receive) => {
  const worker = new Worker(new URL('./web-thread.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => receive(data);
  worker.onmessageerror = () => receive({ failed: 'it cannot receive the kernels' });
  worker.onerror = ({ message }) =>
    receive({
      failed: message || 'web-thread.js did not load: is it served, from this origin, with the page’s COEP header?',
    });
  return { post: (message) => worker.postMessage(message), keepsAlive: () => {}, terminate: () => worker.terminate() };
};

function reason(): string | null {
  if (typeof Worker === 'undefined') return 'this host has no workers';
  if (globalThis.crossOriginIsolated) return null;
  return (
    'the page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and ' +
    'Cross-Origin-Embedder-Policy: require-corp'
  );
}

/** Browsers: module workers, in pages that may share memory. */
export const { prepare, startTeam, startTeamIn } = threadSupport({
  reason: reason(),
  compile: (build) => compileUrl(URLS[build]!()),
  start,
});
