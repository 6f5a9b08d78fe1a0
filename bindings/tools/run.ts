/**
 * `lanelite run`: one inference on raw little-endian tensors, from files or generated from a seed (see inputs.ts).
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DType } from '../dtype.js';
import { ArgumentError, NotFoundError } from '../errors.js';
import { unpackStrings } from '../graph/strings.js';
import { Interpreter, type Model, type Tensor } from '../index.js';
import { extra } from '../ops/extra.js';
import type { Operator } from '../ops/operator.js';
import { checkInputShape } from '../runtime/runner.js';
import { generateInput } from './inputs.js';
import { fields, indent, milliseconds, shape, table, threadsUsed } from './text.js';

export type RunInput = Uint8Array | readonly string[] | readonly number[];

export interface RunOptions {
  /** Raw bytes or elements by input name or index. Bytes for strings may be text, a string a line. */
  readonly inputs?: ReadonlyMap<string, RunInput>;
  /** Shapes by input name or index, for models that leave them open. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  /** Generates the inputs that `inputs` leaves out. */
  readonly seed?: number;
  readonly signature?: string;
  readonly arithmetic?: 'fast' | 'exact';
  readonly threads?: number;
  /** Operators beside the builtin ones; those of `lanelite/ops/extra` if it is left out. */
  readonly customOps?: readonly Operator[];
}

export interface TensorRecord {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly sha256: string;
}

export interface OutputRecord extends TensorRecord {
  readonly bytes: Uint8Array;
  /** The first few elements, dequantized, for a glance. */
  readonly head: readonly (number | string)[];
  /** The elements of a string tensor. */
  readonly strings?: readonly string[];
}

export interface RunResult {
  readonly build: string;
  readonly arithmetic: string;
  readonly threads: number;
  /** Why there are no more; null where there are as many as asked for. */
  readonly threadsReason: string | null;
  readonly milliseconds: number;
  readonly inputs: readonly TensorRecord[];
  readonly outputs: readonly OutputRecord[];
}

const HEAD = 6;

export async function run(model: Model, options: RunOptions = {}): Promise<RunResult> {
  const {
    inputs = new Map(),
    shapes = new Map(),
    seed,
    signature,
    arithmetic,
    threads = 1,
    customOps = extra,
  } = options;
  const interpreter = await Interpreter.create(model, { arithmetic, threads, customOps });
  try {
    const graph = signature === undefined ? interpreter : interpreter.getSignatureRunner(signature);
    const names = new Set([...inputs.keys(), ...shapes.keys()]);
    for (const [i, tensor] of graph.inputs.entries()) {
      names.delete(tensor.name);
      names.delete(String(i));
    }
    for (const name of names) {
      const known = graph.inputs.map((tensor, i) => `${i} '${tensor.name}'`).join(', ');
      throw new NotFoundError(`there is no input '${name}'; the model has ${known || 'none'}`);
    }
    const runner = (graph.inputs[0] ?? graph.outputs[0])!.runner;
    const given = graph.inputs.map((tensor, i) => contentsOf(tensor, pick(inputs, tensor, i)));
    for (const [i, tensor] of graph.inputs.entries()) {
      const data = given[i];
      // A list of strings is as long as it is given.
      const vector = Array.isArray(data) && tensor.dtype === 'string' && tensor.shape.length === 1;
      const dims = pick(shapes, tensor, i) ?? (vector ? [data.length] : undefined);
      if (dims) resizeInput(tensor, dims);
    }
    if (!runner.prepared) runner.prepare();
    for (const [i, tensor] of graph.inputs.entries()) {
      const data = given[i];
      if (data) tensor.set(data);
      else if (seed !== undefined) fillInput(tensor, seed);
      else throw new ArgumentError(`input ${i} '${tensor.name}' has no data: pass --input or --seed`);
    }
    const records = graph.inputs.map(record);
    const started = performance.now();
    runner.run();
    const elapsed = performance.now() - started;
    return {
      ...interpreter.info,
      threadsReason: threads > 1 ? interpreter.info.threadsReason : null,
      milliseconds: elapsed,
      inputs: records,
      outputs: graph.outputs.map((tensor) => ({
        ...record(tensor),
        bytes: tensor.bytes(),
        head: head(tensor),
        ...(tensor.dtype === 'string' && { strings: tensor.copy<string[]>() }),
      })),
    };
  } finally {
    interpreter.close();
  }
}

const pick = <T>(map: ReadonlyMap<string, T>, tensor: Tensor, i: number) => map.get(tensor.name) ?? map.get(String(i));

/** Position in the subgraph's input list, which the rule of generated inputs counts by. */
const position = (tensor: Tensor) => tensor.runner.graph.inputs.findIndex((value) => value.id === tensor.index);

function resizeInput(tensor: Tensor, dims: readonly number[]): void {
  const at = position(tensor);
  checkInputShape(tensor.runner.graph.inputs[at]!, dims, false);
  tensor.runner.resize(at, dims);
}

/** Sets an input to what the seed says. */
export function fillInput(tensor: Tensor, seed: number): void {
  tensor.set(generateInput(seed, position(tensor), tensor.dtype, tensor.size));
}

/**
 * What a tensor takes: elements as they are, bytes in a buffer of their own (slices of Node's Buffer share one), which are raw
 * whatever the dtype. Bytes for strings that are not in TFLite's layout are text.
 */
function contentsOf({ dtype }: Tensor, data: RunInput | undefined): ArrayBuffer | string[] | number[] | undefined {
  if (!data) return undefined;
  if (!(data instanceof Uint8Array)) return [...data] as string[] | number[];
  if (dtype !== 'string' || unpackStrings(data)) return Uint8Array.from(data).buffer;
  const lines = new TextDecoder().decode(data).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function record(tensor: Tensor): TensorRecord {
  const sha256 = createHash('sha256').update(tensor.bytes()).digest('hex');
  return { name: tensor.name, dtype: tensor.dtype, shape: [...tensor.shape], sha256 };
}

function head(tensor: Tensor): (number | string)[] {
  if (tensor.dtype === 'string') return tensor.copy<string[]>().slice(0, HEAD);
  if (tensor.dtype.startsWith('complex')) return [];
  const integer = !tensor.quantization && !tensor.dtype.includes('float');
  const elements: ArrayLike<number | bigint> = integer ? tensor.data() : tensor.real();
  return Array.from({ length: Math.min(HEAD, elements.length) }, (_, i) => {
    const x = elements[i]!;
    return typeof x === 'bigint' ? String(x) : integer ? x : Number(x.toPrecision(6));
  });
}

/** Writes `out0.bin`, `out1.bin` …, and lists of strings as `out0.json` …; returns the paths. */
export function writeOutputs(result: RunResult, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return result.outputs.map(({ bytes, strings }, i) => {
    const file = join(folder, `out${i}.${strings ? 'json' : 'bin'}`);
    writeFileSync(file, strings ? `${JSON.stringify(strings)}\n` : bytes);
    return file;
  });
}

export function formatRun(result: RunResult, files: readonly string[] = []): string {
  const outputs = result.outputs.map((output, i) => {
    const { head } = output;
    const more = output.shape.reduce((a, b) => a * b, 1) > head.length ? ' …' : '';
    const values = output.dtype === 'string' ? head.map((text) => JSON.stringify(text)) : head;
    return [String(i), output.name, output.dtype, shape(output.shape), values.join(' ') + more, files[i] ?? ''];
  });
  const columns = [
    { title: '#', align: 'right' },
    { title: 'output' },
    { title: 'type' },
    { title: 'shape' },
    { title: 'values' },
    { title: files.length ? 'file' : '' },
  ] as const;
  const about = fields([
    ['build', `${result.build}, ${result.arithmetic} arithmetic, ${threadsUsed(result)}`],
    ['time', milliseconds(result.milliseconds)],
  ]);
  return `${about}\n\n${indent(table(columns, outputs))}`;
}
