import { HostError, ModelSourceError } from '../errors.js';
import { THREADS } from '../features.js';
import type { Host } from './host.js';

export async function compileFile(name: string): Promise<WebAssembly.Module> {
  const { readFile } = await import('node:fs/promises');
  // Beside the bundle in dist/; in build/ when the sources run directly.
  for (const candidate of [`./${name}`, `../../build/${name}`]) {
    const bytes = await readFile(new URL(candidate, import.meta.url)).catch(() => null);
    if (bytes) return new WebAssembly.Module(bytes);
  }
  throw new HostError(`${name} was not found beside ${import.meta.url}; run the build first`);
}

async function openFile(path: string | URL) {
  const { open } = await import('node:fs/promises');
  try {
    const file = await open(path);
    const { size } = await file.stat();
    return { size, stream: file.createReadStream({ highWaterMark: 1 << 20 }) };
  } catch (cause) {
    throw new ModelSourceError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Node, Deno and Bun: kernels and models come from the file system. */
export const nodeHost: Host = {
  name: 'node',
  compile: (build) => compileFile(`lanelite.${build}.wasm`),
  threads: THREADS ? () => import('./node-threads.js') : undefined,
  openFile,
};
