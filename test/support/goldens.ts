import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DType, elementCount, typedView } from '../../bindings/dtype.js';
import type { Arithmetic } from '../../bindings/graph/compile.js';
import { Interpreter } from '../../bindings/interpreter.js';
import type { Model } from '../../bindings/model/load.js';
import { extra } from '../../bindings/ops/extra.js';
import { generateInput } from '../../bindings/tools/inputs.js';
import { isFloat, numbers } from './compare.js';

export const SHARED = new URL('../../../shared', import.meta.url).pathname;

/** The groups whose builtin models all run. */
export const GROUPS = [
  'classification',
  'cifar10',
  'detection',
  'segmentation',
  'pose',
  'face',
  'tiny',
  'mnist',
] as const;

interface GoldenReference {
  readonly file: string;
  readonly stride?: number;
}

interface Golden {
  readonly seed: number;
  readonly inputs: readonly { readonly dtype: DType; readonly shape: readonly number[]; readonly sha256: string }[];
  readonly outputs: readonly {
    readonly name: string;
    /** Strings are unknown, and have no bytes. */
    readonly dtype: DType | 'unknown';
    readonly shape: readonly number[];
    readonly tflite?: GoldenReference;
    readonly xnnpack?: GoldenReference;
  }[];
}

export interface ModelEntry {
  readonly file: string;
  readonly quantization: readonly string[];
  readonly operators: Readonly<Record<string, unknown>>;
}

/** Models below `shared/models`, of some groups. */
export function listModels(shared: string, groups: readonly string[]): ModelEntry[] {
  const manifest = JSON.parse(readFileSync(join(shared, 'models/MANIFEST.json'), 'utf8'));
  return manifest.models.filter((entry: ModelEntry) => groups.includes(dirname(entry.file)));
}

/** The reference outputs of a model; null where there are none. */
export function readGolden(shared: string, entry: ModelEntry): Golden | null {
  const file = join(shared, 'goldens', entry.file.replace(/\.tflite$/, '.json'));
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

const largest = (values: readonly number[]) =>
  values.reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0);
const distance = (a: readonly number[], b: readonly number[]) =>
  a.reduce((m, x, i) => {
    const d = x === b[i] || (Number.isNaN(x) && Number.isNaN(b[i]!)) ? 0 : Math.abs(x - b[i]!);
    return Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(m, d);
  }, 0);

/**
 * Runs a model on its golden's inputs and judges by the rules of `shared/goldens/README.md`.
 * @returns null, or what is wrong
 */
export async function checkGolden(
  shared: string,
  entry: ModelEntry,
  golden: Golden,
  load: (bytes: Uint8Array) => Promise<Model>,
  arithmetic: Arithmetic,
): Promise<string | null> {
  using model = await load(readFileSync(join(shared, 'models', entry.file)));
  using interpreter = await Interpreter.create(model, { arithmetic, customOps: extra });
  // Strings are not generated: they stay empty.
  const generate = (i: number, dtype: DType, shape: readonly number[]) =>
    dtype === 'string' ? null : generateInput(golden.seed, i, dtype, elementCount(shape));
  for (const [i, { dtype, shape, sha256 }] of golden.inputs.entries()) {
    const data = generate(i, dtype, shape)?.buffer ?? new ArrayBuffer(0);
    const hash = createHash('sha256').update(new Uint8Array(data)).digest('hex');
    if (hash !== sha256) return `input ${i} is not the golden's: the generator is wrong`;
    const tensor = interpreter.inputs[i]!;
    if (tensor.shape.join() !== shape.join()) interpreter.resizeInputTensor(tensor.index, shape);
  }
  interpreter.allocateTensors();
  for (const [i, { dtype, shape }] of golden.inputs.entries()) {
    const data = generate(i, dtype, shape);
    if (data) interpreter.inputs[i]!.set(data);
  }
  interpreter.invoke();
  const hybrid = entry.quantization.includes('dynamic-range(hybrid)');
  const quantized = entry.quantization.some((q) => ['int8', 'uint8', 'int16', 'per-channel'].includes(q));
  for (const [i, output] of golden.outputs.entries()) {
    const { dtype, shape } = output;
    const tensor = interpreter.outputs[i]!;
    const where = `output ${i} (${dtype} [${shape}])`;
    if (tensor.dtype !== (dtype === 'unknown' ? 'string' : dtype)) return `${where}: dtype ${tensor.dtype}`;
    if (tensor.shape.join() !== shape.join()) return `${where}: shape [${tensor.shape}]`;
    if (dtype === 'unknown') continue;
    const ours = numbers(dtype, tensor.data());
    const reference = (r: GoldenReference | undefined): { ours: number[]; theirs: number[] } | null => {
      if (!r) return null;
      const raw = Uint8Array.from(gunzipSync(readFileSync(join(shared, 'goldens', dirname(entry.file), r.file))));
      const theirs = numbers(dtype, typedView(dtype, raw.buffer, 0, raw.length));
      const { stride = 1 } = r;
      return { theirs, ours: stride === 1 ? ours : ours.filter((_, k) => k % stride === 0) };
    };
    const tflite = reference(output.tflite);
    const xnnpack = reference(output.xnnpack);
    const refs = [tflite, xnnpack].filter((r) => r !== null);
    const distances = refs.map((r) => distance(r.ours, r.theirs));
    if (!quantized || hybrid) {
      const bound = (hybrid ? 2e-3 : 2e-5) * Math.max(...refs.map((r) => largest(r.theirs)));
      if (!distances.some((d) => d <= bound)) return `${where}: off by ${distances.join(' / ')}, ${bound} allowed`;
      continue;
    }
    if (tflite && arithmetic === 'exact') {
      const d = distance(tflite.ours, tflite.theirs);
      const wrong = tflite.ours.filter((x, k) => x !== tflite.theirs[k]).length;
      if (d !== 0) return `${where}: ${wrong} of ${tflite.ours.length} differ, by up to ${d}`;
      continue;
    }
    // Exact names TFLite's kernels; where that runtime refused the model, there is nothing to be equal to.
    if (arithmetic === 'exact') continue;
    const unit = isFloat(dtype) ? unitBehind(interpreter, i) : 1;
    if (tflite) {
      const bound = Math.max(unit, xnnpack ? 1.5 * distance(xnnpack.theirs, tflite.theirs) : 0);
      const d = distance(tflite.ours, tflite.theirs);
      if (d > bound) return `${where}: off by ${d}, ${bound} allowed`;
    } else if (xnnpack) {
      const d = distance(xnnpack.ours, xnnpack.theirs);
      const bound = isFloat(dtype) ? Math.max(2 * unit, 0.02 * largest(xnnpack.theirs)) : 2;
      if (d > bound) return `${where}: off by ${d} from xnnpack, ${bound} allowed`;
    }
  }
  return null;
}

/** Scale of the quantized tensor that a float output was dequantized from; 0 where there is none. */
function unitBehind(interpreter: Interpreter, output: number): number {
  const { index } = interpreter.outputs[output]!;
  const [definition] = interpreter.model.definition.subgraphs;
  const producer = definition!.operators.find((operator) => operator.outputs.includes(index));
  const source = producer && definition!.tensors[producer.inputs[0]!];
  return source?.quantization?.scale[0] ?? 0;
}
