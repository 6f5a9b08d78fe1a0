import { HostError, ModelSourceError } from '../errors.js';
import type { Build, Host } from './host.js';

/** Node, Deno and Bun: kernels and models come from the file system. */
export const nodeHost: Host = {
  name: 'node',

  async compile(build: Build) {
    const { readFile } = await import('node:fs/promises');
    // Beside the bundle in dist/; in build/ when the sources run directly.
    const candidates = [`./lanelite.${build}.wasm`, `../../build/lanelite.${build}.wasm`];
    for (const candidate of candidates) {
      const bytes = await readFile(new URL(candidate, import.meta.url)).catch(() => null);
      if (bytes) return new WebAssembly.Module(bytes);
    }
    throw new HostError(`lanelite.${build}.wasm was not found beside ${import.meta.url}; run the build first`);
  },

  async openFile(path: string | URL) {
    const { open } = await import('node:fs/promises');
    try {
      const file = await open(path);
      const { size } = await file.stat();
      return { size, stream: file.createReadStream({ highWaterMark: 1 << 20 }) };
    } catch (cause) {
      throw new ModelSourceError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
  },
};
