import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The data that lies beside the repository: models, corpus, damaged files. Tests that want it are skipped without it. */
const root = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Files below folders of shared/, relative to it; none where it is absent. */
export function sharedFiles(folders: readonly string[], pattern: RegExp): string[] {
  return folders.flatMap((folder) => {
    if (!existsSync(join(root, folder))) return [];
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => pattern.test(file))
      .map((file) => `${folder}/${file}`)
      .sort();
  });
}

export function readShared(file: string): Uint8Array {
  return new Uint8Array(readFileSync(join(root, file)));
}
