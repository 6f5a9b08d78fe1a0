// The models that are measured, and what a measurement needs to know of each.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type DType, elementCount } from '../../bindings/dtype.js';
import { Interpreter, loadModel, type ModelDefinition } from '../../bindings/node.js';
import { extra } from '../../bindings/ops/extra.js';
import { totalMacs } from '../../bindings/tools/benchmark.js';
import { generateInput } from '../../bindings/tools/inputs.js';

const GROUPS = ['classification', 'cifar10', 'detection', 'segmentation', 'pose', 'face', 'tiny', 'audio'];
const SHARED = '../shared';
const GENERATED = 'build/bench-models';

/** How weights and activations are stored: the classes that ratios are averaged over. */
export type ModelKind = 'float32' | 'float16 weights' | 'quantized' | 'dynamic range';

export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface BenchModel {
  readonly file: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly kind: ModelKind;
  /** Multiply-adds an inference; null where we cannot compile the model. */
  readonly macs: number | null;
  readonly stateful: boolean;
  readonly inputs: readonly (TensorSpec & { readonly data: Uint8Array })[];
  readonly outputs: readonly TensorSpec[];
  readonly signature: { readonly inputs: readonly string[]; readonly outputs: readonly string[] } | null;
}

function list(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((file) => file.endsWith('.tflite'))
    .sort();
}

/** Files named on the command line, or the default set; the random-weight networks are written on first use. */
export function modelFiles(named: readonly string[]): string[] {
  if (named.length) return named.flatMap(list);
  if (!existsSync(SHARED)) return list('examples');
  if (!existsSync(GENERATED)) {
    execFileSync(process.execPath, [`${SHARED}/bench-models/make.mjs`, GENERATED], { stdio: 'inherit' });
  }
  return [...GROUPS.flatMap((group) => list(`${SHARED}/models/${group}`)), ...list(GENERATED)];
}

function kindOf({ subgraphs, buffers }: ModelDefinition): ModelKind {
  const tensors = subgraphs.flatMap((graph) => graph.tensors);
  const has = (constant: boolean, ...dtypes: DType[]) =>
    tensors.some(
      ({ dtype, buffer, quantization }) =>
        dtypes.includes(dtype) && buffers[buffer]!.size > 0 === constant && (dtype === 'float16' || quantization),
    );
  if (has(false, 'int8', 'uint8', 'int16')) return 'quantized';
  if (has(true, 'int8', 'uint8', 'int4')) return 'dynamic range';
  return has(true, 'float16') ? 'float16 weights' : 'float32';
}

async function countMacs(model: Awaited<ReturnType<typeof loadModel>>, inputs: BenchModel['inputs']) {
  try {
    using interpreter = await Interpreter.create(model, { customOps: extra });
    for (const [i, { data }] of inputs.entries()) interpreter.inputs[i]!.set(data);
    // Shapes that depend on values are known after a run only.
    interpreter.invoke();
    return totalMacs(interpreter);
  } catch {
    return null;
  }
}

export async function describe(file: string, seed: number): Promise<BenchModel> {
  const bytes = readFileSync(file);
  using model = await loadModel(bytes, { build: 'simd' });
  const { definition } = model;
  const graph = definition.subgraphs[0]!;
  const spec = (tensor: number): TensorSpec => {
    const { name, dtype, shape } = graph.tensors[tensor]!;
    return { name, dtype, shape };
  };
  const inputs = graph.inputs.map(spec).map((tensor, i) => {
    const data = generateInput(seed, i, tensor.dtype, elementCount(tensor.shape));
    return { ...tensor, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  });
  const signature = definition.signatures.find(({ subgraph }) => subgraph === 0);
  const names = (tensors: readonly number[], entries: readonly { name: string; tensor: number }[]) =>
    tensors.map((tensor) => entries.find((entry) => entry.tensor === tensor)?.name ?? '');
  return {
    file: relative('.', file),
    name: basename(file, '.tflite'),
    bytes,
    kind: kindOf(definition),
    macs: await countMacs(model, inputs),
    stateful: definition.subgraphs.some(
      ({ tensors, operators }) =>
        tensors.some(({ isVariable }) => isVariable) || operators.some(({ op }) => op === 'VAR_HANDLE'),
    ),
    inputs,
    outputs: graph.outputs.map(spec),
    signature: signature
      ? { inputs: names(graph.inputs, signature.inputs), outputs: names(graph.outputs, signature.outputs) }
      : null,
  };
}
