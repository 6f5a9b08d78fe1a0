import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DType, TypedArray } from '../../bindings/dtype.js';
import { typedView } from '../../bindings/dtype.js';
import { UnsupportedOperatorError } from '../../bindings/errors.js';
import type { Arithmetic } from '../../bindings/graph/compile.js';
import { Interpreter } from '../../bindings/interpreter.js';
import type { Model } from '../../bindings/model/load.js';
import { difference } from './compare.js';
import { readModel } from './operators.js';
import { NoReference, ReferenceInterpreter } from './reference.js';
import type { OpSpec, Tolerance } from './spec.js';

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

/** What is wrong with the outputs of run `n` of a case; null if they are as expected, or as one of the sets also accepted. */
function mismatch(
  folder: string,
  c: CorpusCase,
  n: number,
  outputs: readonly { readonly shape: readonly number[]; readonly data: TypedArray }[],
): string | null {
  const against = (expected: readonly CorpusData[]): string | null => {
    for (const [i, output] of outputs.entries()) {
      const { shape } = expected[i]!;
      const { dtype, tolerance = {} } = c.outputs[i]!;
      if (shape && shape.join() !== output.shape.join()) return `output ${i}: shape [${output.shape}], not [${shape}]`;
      const wanted = elements(dtype, bytesOf(folder, expected[i]!));
      const wrong = difference(dtype, output.data, wanted, tolerance);
      if (wrong) return `run ${n}, output ${i} (${dtype} [${output.shape}]): ${wrong}`;
    }
    return null;
  };
  const { expected, also_accepted = [] } = c.invokes[n]!;
  const first = against(expected);
  return first && also_accepted.some((set) => against(set) === null) ? null : first;
}

/** The same by the references alone: no kernels, no compiler. */
export function runReference(folder: string, c: CorpusCase, specs: ReadonlyMap<string, OpSpec>): Outcome {
  try {
    const bytes = new Uint8Array(readFileSync(join(folder, c.file)));
    const interpreter = new ReferenceInterpreter(readModel(bytes), bytes, specs);
    for (const [n, { inputs }] of c.invokes.entries()) {
      const outputs = interpreter.run(inputs.map((data, i) => elements(c.inputs[i]!.dtype, bytesOf(folder, data))));
      const wrong = mismatch(folder, c, n, outputs);
      if (wrong) return { kind: 'failed', reason: wrong };
    }
    return { kind: 'passed' };
  } catch (error) {
    if (error instanceof NoReference) return { kind: 'skipped', reason: error.message };
    return { kind: 'failed', reason: String((error as Error).stack) };
  }
}

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
      const outputs = interpreter.outputs.map((tensor) => ({ shape: tensor.shape, data: tensor.data() }));
      const wrong = mismatch(folder, c, n, outputs);
      if (wrong) return { kind: 'failed', reason: wrong };
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
