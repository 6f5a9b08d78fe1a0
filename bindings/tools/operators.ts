/**
 * Custom operators for the command line, `--operators FILE`: JavaScript modules whose default export has them by custom code,
 * `{ Scale: { infer, run } }`, in the form that `registerCustomOp` takes.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ArgumentError, LaneliteError } from '../errors.js';
import type { CustomOp } from '../ops/custom-op.js';
import { extra } from '../ops/extra.js';
import type { Operator } from '../ops/operator.js';
import { customOperator } from '../ops/shared/custom-op.js';

export const isTypeScript = (file: string): boolean => /\.[cm]?tsx?$/.test(file);

function cannotImport(file: string, cause: unknown): LaneliteError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason =
    isTypeScript(file) && code === 'ERR_UNKNOWN_FILE_EXTENSION'
      ? `Node ${process.version} does not run TypeScript: take Node 22.18 or later, or compile it to JavaScript first`
      : message;
  return new LaneliteError('FILE', `cannot import '${file}': ${reason}`, { cause });
}

/**
 * The operators that models of the command line may have beside the builtin ones: those of `lanelite/ops/extra`, then those of
 * modules, which replace others of their names.
 * @throws LaneliteError with the code FILE where a module cannot be imported, ArgumentError where it has no operators
 */
export async function loadOperators(files: readonly string[]): Promise<readonly Operator[]> {
  const operators = [...extra];
  for (const file of files) {
    const module = await import(/* @vite-ignore */ pathToFileURL(resolve(file)).href).catch((cause) => {
      throw cannotImport(file, cause);
    });
    const all = Object.entries<CustomOp>(module.default ?? {});
    if (!all.length || !all.every(([, op]) => typeof op?.infer === 'function')) {
      throw new ArgumentError(`'${file}' must export custom operators: export default { Scale: { infer, run } }`);
    }
    for (const [name, op] of all) operators.push(customOperator(name, op));
  }
  return operators;
}
