// Whether the cores that threads would run on are idle: the same spin on one thread, then on several at once.
import { Worker } from 'node:worker_threads';

const SPIN = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (rounds) => {
  const started = performance.now();
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  parentPort.postMessage([performance.now() - started, x]);
});`;
const ROUNDS = 2e7;
/** Of the speed that threads would have on cores of their own: below, something else runs there. */
const IDLE = 0.9;

export class Cores {
  readonly #workers: Worker[];
  /** Least milliseconds that one spin took by itself, at any time: others may have been running since. */
  #alone = Number.POSITIVE_INFINITY;

  constructor(readonly threads: number) {
    this.#workers = Array.from({ length: threads }, () => new Worker(SPIN, { eval: true }));
  }

  /** By how much `threads` threads would be faster than one, just now: the best of three tries. */
  async scaling(): Promise<number> {
    let best = 0;
    for (let attempt = 0; attempt < 3; attempt++) {
      this.#alone = Math.min(this.#alone, ...(await this.#spin(1)));
      const times = await this.#spin(this.threads);
      best = Math.max(
        best,
        times.reduce((sum, time) => sum + this.#alone / time, 0),
      );
    }
    return Math.min(best, this.threads);
  }

  close(): void {
    for (const worker of this.#workers) void worker.terminate();
  }

  #spin(threads: number): Promise<number[]> {
    return Promise.all(
      this.#workers.slice(0, threads).map(
        (worker) =>
          new Promise<number>((resolve) => {
            worker.once('message', ([time]) => resolve(time));
            worker.postMessage(ROUNDS);
          }),
      ),
    );
  }
}

export const idle = (scaling: number, threads: number) => scaling >= IDLE * threads;
