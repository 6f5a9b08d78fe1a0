import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { StartThread } from '../threads/host.js';
import { threadSupport } from '../threads/pool.js';
import { compileFile } from './node.js';

/** Beside the bundle in dist/; in build/ when the sources run directly. */
const script = ['./node-thread.js', '../../build/node-thread.js']
  .map((file) => new URL(file, import.meta.url))
  .find((url) => existsSync(fileURLToPath(url)));

const start: StartThread = (receive) => {
  const worker = new Worker(script!);
  worker.on('message', receive);
  worker.on('error', (error) => receive({ failed: String(error) }));
  worker.on('exit', (code) => receive({ failed: `it ended with code ${code}` }));
  return {
    post: (message) => worker.postMessage(message),
    keepsAlive: (yes) => (yes ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  };
};

/** Node, Deno and Bun: worker threads. */
export const { prepare, startTeam, startTeamIn } = threadSupport({
  reason: script ? null : `node-thread.js was not found beside ${import.meta.url}`,
  compile: (build) => compileFile(`lanelite.${build}-threads.wasm`),
  start,
});
