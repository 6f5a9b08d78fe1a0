// The script of a thread in Node, Deno and Bun.
import { parentPort } from 'node:worker_threads';
import { serve } from './threads/serve.js';

parentPort!.on(
  'message',
  serve((message) => parentPort!.postMessage(message)),
);
