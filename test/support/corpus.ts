import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DType, TypedArray } from '../../bindings/dtype.js';
import { typedView } from '../../bindings/dtype.js';
import { UnsupportedOperatorError } from '../../bindings/errors.js';
import type { Arithmetic } from '../../bindings/graph/compile.js';
import { Interpreter } from '../../bindings/interpreter.js';
import type { Model } from '../../bindings/model/load.js';
import { difference } from './compare.js';
import type { Tolerance } from './spec.js';

/** The small models that this repository has, with the outputs of TFLite's kernels. */
export const CORPUS = 'test/conformance';

/** A corpus folder's cases.json; see the corpus' own README for the fields. */
interface CorpusTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly tolerance?: Tolerance;
}

interface CorpusData {
  readonly data?: string;
  readonly bin?: string;
  readonly shape?: readonly number[];
}

export interface CorpusCase {
  readonly name: string;
  readonly file: string;
  readonly ops: readonly string[];
  readonly inputs: readonly CorpusTensor[];
  readonly outputs: readonly CorpusTensor[];
  readonly invokes: readonly {
    readonly inputs: readonly CorpusData[];
    readonly expected: readonly CorpusData[];
    readonly also_accepted?: readonly (readonly CorpusData[])[];
  }[];
}

export interface CorpusFolder {
  readonly op: string;
  readonly path: string;
  readonly cases: readonly CorpusCase[];
}

export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** All folders with a cases.json below a corpus, or the one that `path` is. */
export function readCorpus(path: string): CorpusFolder[] {
  const folders = existsSync(join(path, 'cases.json')) ? [path] : readdirSync(path).map((name) => join(path, name));
  return folders
    .filter((folder) => existsSync(join(folder, 'cases.json')))
    .map((folder) => ({ path: folder, ...JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) }));
}

/** Raw bytes of a corpus tensor, aligned for any view. */
function bytesOf(folder: string, { data, bin }: CorpusData): Uint8Array {
  return Uint8Array.from(bin === undefined ? Buffer.from(data ?? '', 'base64') : readFileSync(join(folder, bin)));
}

function elements(dtype: DType, bytes: Uint8Array): TypedArray {
  return typedView(dtype, bytes.buffer, 0, bytes.length);
}

/**
 * Cases whose expected values no engine can give, so that the tests leave them out; `npm run conformance` counts them as
 * failed all the same. For merged outputs with the batch first, TFLite finds the states of
 * batch b at b times the width of both outputs together: beyond the state from the second on, in whatever lies there.
 */
export const BEYOND_STATE: ReadonlySet<string> = new Set(
  ['float32_peep', 'float32_proj', 'hybrid_asym_proj_bias_peep_clip', 'hybrid_cifg_peep'].map(
    (name) => `BIDIRECTIONAL_SEQUENCE_LSTM/${name}_merged`,
  ),
);

/** Runs all invokes of a case on one interpreter. */
export async function runCase(
  folder: string,
  c: CorpusCase,
  load: (bytes: Uint8Array) => Promise<Model>,
  arithmetic: Arithmetic,
): Promise<Outcome> {
  let model: Model | null = null;
  let interpreter: Interpreter | null = null;
  try {
    model = await load(readFileSync(join(folder, c.file)));
    interpreter = await Interpreter.create(model, { arithmetic });
    for (const [n, invoke] of c.invokes.entries()) {
      for (const [i, tensor] of interpreter.inputs.entries())
        tensor.set(bytesOf(folder, invoke.inputs[i]!).buffer as ArrayBuffer);
      interpreter.invoke();
      const mismatch = (expected: readonly CorpusData[]): string | null => {
        for (const [i, tensor] of interpreter!.outputs.entries()) {
          const { shape } = expected[i]!;
          const { dtype, tolerance = {} } = c.outputs[i]!;
          if (shape && shape.join() !== tensor.shape.join())
            return `output ${i}: shape [${tensor.shape}], not [${shape}]`;
          const wanted = elements(dtype, bytesOf(folder, expected[i]!));
          const wrong = difference(dtype, tensor.data(), wanted, tolerance);
          if (wrong) return `run ${n}, output ${i} (${dtype} [${tensor.shape}]): ${wrong}`;
        }
        return null;
      };
      const first = mismatch(invoke.expected);
      if (first && !invoke.also_accepted?.some((set) => mismatch(set) === null))
        return { kind: 'failed', reason: first };
    }
    return { kind: 'passed' };
  } catch (error) {
    const { name, message } = error as Error;
    if (error instanceof UnsupportedOperatorError) {
      return { kind: 'skipped', reason: error.operators.map(({ op, reason }) => `${op}: ${reason}`).join('; ') };
    }
    return { kind: 'failed', reason: `${name}: ${message}` };
  } finally {
    interpreter?.close();
    model?.close();
  }
}
