/**
 * `lanelite summarize`: what is in a model and what running it takes. Models that cannot be compiled are
 * summarized too, with the reason in place of the memory.
 */
import { type DType, elementCount } from '../dtype.js';
import { LaneliteError, UnsupportedOperatorError } from '../errors.js';
import { Interpreter, type MemoryInfo, type Model, type Quantization } from '../index.js';
import { type Normalization, normalizationOf } from '../model/metadata.js';
import { extra } from '../ops/extra.js';
import type { Operator } from '../ops/operator.js';
import { totalMacs } from './benchmark.js';
import { bytes, count, fields, indent, percent, plural, shape, table } from './text.js';

export interface TensorSummary {
  readonly name: string;
  readonly dtype: DType;
  /** -1 where the model leaves a dimension open. */
  readonly shape: readonly number[];
  readonly quantization: { readonly scale: readonly number[]; readonly zeroPoint: readonly number[] } | null;
}

export interface OperatorSummary {
  readonly op: string;
  readonly custom: boolean;
  readonly count: number;
  readonly versions: readonly number[];
  readonly macs: number;
}

/** What the author says in the model's metadata. */
export interface MetadataSummary {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly license: string;
  readonly normalization: Normalization | null;
  /** Label lists and other files in the archive behind the model. */
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

export interface Summary {
  readonly bytes: number;
  readonly description: string;
  readonly metadata: MetadataSummary | null;
  readonly subgraphs: number;
  readonly tensors: number;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  readonly signatures: readonly {
    readonly key: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  readonly operators: readonly OperatorSummary[];
  /** Constants that the graph stores: their elements and bytes. */
  readonly parameters: { readonly count: number; readonly bytes: number };
  readonly macs: number;
  readonly memory: MemoryInfo | null;
  /** Why it cannot be compiled, where that is not for missing operators. */
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** Operators that are missing to run it. */
  readonly unsupported: readonly { readonly op: string; readonly reason: string; readonly count: number }[];
}

/** @param customOps operators beside the builtin ones */
export async function summarize(model: Model, customOps: readonly Operator[] = extra): Promise<Summary> {
  const { definition } = model;
  const main = definition.subgraphs[0]!;
  const tensor = (index: number): TensorSummary => {
    const { name, dtype, shape, shapeSignature, quantization } = main.tensors[index]!;
    return { name, dtype, shape: shapeSignature ?? shape, quantization: plain(quantization) };
  };

  const operators = new Map<
    string,
    { op: string; custom: boolean; count: number; versions: Set<number>; macs: number }
  >();
  for (const { op, custom, version } of definition.subgraphs.flatMap((subgraph) => subgraph.operators)) {
    const entry = operators.get(op) ?? { op, custom, count: 0, versions: new Set(), macs: 0 };
    entry.count++;
    entry.versions.add(version);
    operators.set(op, entry);
  }

  let memory: MemoryInfo | null = null;
  let macs = 0;
  let unsupported: Summary['unsupported'] = [];
  let failure: Summary['failure'] = null;
  try {
    const interpreter = await Interpreter.create(model, { customOps });
    macs = totalMacs(interpreter);
    memory = interpreter.memory;
    for (const plan of interpreter.plans) {
      for (const node of plan.nodes) {
        const entry = operators.get(node.op);
        if (entry) entry.macs += plan.operators.get(node.op)?.macs?.(node) ?? 0;
      }
    }
    interpreter.close();
  } catch (error) {
    if (!(error instanceof LaneliteError)) throw error;
    if (error instanceof UnsupportedOperatorError) unsupported = grouped(error);
    else failure = { code: error.code, message: error.message };
  }

  return {
    bytes: model.size,
    description: definition.description,
    metadata: await metadataOf(model),
    subgraphs: definition.subgraphs.length,
    tensors: definition.subgraphs.reduce((sum, subgraph) => sum + subgraph.tensors.length, 0),
    inputs: main.inputs.map(tensor),
    outputs: main.outputs.map(tensor),
    signatures: definition.signatures.map(({ key, inputs, outputs }) => ({
      key,
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
    })),
    operators: [...operators.values()]
      .map(({ versions, ...entry }) => ({ ...entry, versions: [...versions].sort((a, b) => a - b) }))
      .sort((a, b) => b.count - a.count || (a.op < b.op ? -1 : 1)),
    parameters: parameters(model),
    macs,
    memory,
    failure,
    unsupported,
  };
}

async function metadataOf(model: Model): Promise<MetadataSummary | null> {
  const { metadata } = model;
  if (!metadata) return null;
  const { name, description, version, author, license } = metadata;
  const files = (await model.associatedFiles()).map((file) => ({ name: file.name, size: file.size }));
  return { name, description, version, author, license, normalization: normalizationOf(metadata), files };
}

/** Operators that are missing for the same reason, once. */
function grouped({ operators }: UnsupportedOperatorError): Summary['unsupported'] {
  const groups = new Map<string, { op: string; reason: string; count: number }>();
  for (const { op, reason } of operators) {
    const key = `${op}: ${reason}`;
    const group = groups.get(key) ?? { op, reason, count: 0 };
    group.count++;
    groups.set(key, group);
  }
  return [...groups.values()];
}

const plain = (quantization: Quantization | null) =>
  quantization?.scale.length
    ? { scale: Array.from(quantization.scale), zeroPoint: Array.from(quantization.zeroPoint) }
    : null;

/** Constants; those that share a buffer count once. */
function parameters({ definition }: Model): Summary['parameters'] {
  const seen = new Set<number>();
  let elements = 0;
  let size = 0;
  for (const { tensors } of definition.subgraphs) {
    for (const { buffer, shape } of tensors) {
      const stored = definition.buffers[buffer]?.size ?? 0;
      if (stored === 0 || seen.has(buffer)) continue;
      seen.add(buffer);
      elements += elementCount(shape);
      size += stored;
    }
  }
  return { count: elements, bytes: size };
}

function quantizationText(quantization: TensorSummary['quantization']): string {
  if (!quantization) return '';
  const { scale, zeroPoint } = quantization;
  if (scale.length > 1) return `${scale.length} scales`;
  return `${Number(scale[0]!.toPrecision(6))} * (q - ${zeroPoint[0] ?? 0})`.replace('- -', '+ ');
}

function metadataFields({ name, description, version, author, license, normalization, files }: MetadataSummary) {
  // Licences can be as long as they like; their first line names them.
  const firstLine = (text: string) => text.trim().split('\n')[0]!;
  const entries: [string, string][] = [
    ['name', name],
    ['description', firstLine(description)],
    ['version', version],
    ['author', author],
    ['license', firstLine(license)],
    [
      'normalization',
      normalization ? `mean ${normalization.mean.join(', ')}, std ${normalization.std.join(', ')}` : '',
    ],
    ['files', files.map((file) => `${file.name} (${bytes(file.size)})`).join(', ')],
  ];
  return entries.filter(([, value]) => value);
}

export function formatSummary(summary: Summary): string {
  const tensors = (list: readonly TensorSummary[]) =>
    indent(
      table(
        [
          { title: '#', align: 'right' },
          { title: 'name' },
          { title: 'type' },
          { title: 'shape' },
          { title: 'real value' },
        ],
        list.map((t, i) => [String(i), t.name, t.dtype, shape(t.shape), quantizationText(t.quantization)]),
      ),
    );
  const total = summary.operators.reduce((sum, { count: n }) => sum + n, 0);
  const about: [string, string][] = [['file', `${bytes(summary.bytes)} (${summary.bytes} bytes)`]];
  if (summary.description) about.push(['description', summary.description]);
  about.push(
    [
      'graph',
      `${plural(total, 'operator')}, ${plural(summary.tensors, 'tensor')}, ${plural(summary.subgraphs, 'subgraph')}`,
    ],
    ['parameters', `${count(summary.parameters.count)} (${bytes(summary.parameters.bytes)})`],
  );
  if (summary.memory) about.push(['MACs', count(summary.macs)]);

  const parts = [fields(about)];
  if (summary.metadata) parts.push(`Metadata\n${indent(fields(metadataFields(summary.metadata)))}`);
  parts.push(`Inputs\n${tensors(summary.inputs)}`, `Outputs\n${tensors(summary.outputs)}`);
  if (summary.signatures.length) {
    const lines = summary.signatures.map(
      ({ key, inputs, outputs }) => `${key}: ${inputs.join(', ')} -> ${outputs.join(', ')}`,
    );
    parts.push(`Signatures\n${indent(lines.join('\n'))}`);
  }
  const rows = summary.operators.map(({ op, custom, count: n, versions, macs }) => [
    custom ? `${op} (custom)` : op,
    String(n),
    versions.join(', '),
    macs ? count(macs) : '',
    macs ? percent(macs, summary.macs) : '',
  ]);
  const columns = [
    { title: 'operator' },
    { title: 'count', align: 'right' },
    { title: 'version' },
    { title: 'MACs', align: 'right' },
    { title: 'share', align: 'right' },
  ] as const;
  parts.push(`Operators\n${indent(table(columns, rows))}`);

  if (summary.memory) {
    const { image, packed, arena, arenaLowerBound, scratch, total: linear } = summary.memory;
    const excess = arenaLowerBound > 0 ? ` (+${percent(arena - arenaLowerBound, arenaLowerBound)})` : '';
    const memory = fields([
      ['model image', bytes(image)],
      ['packed weights', bytes(packed)],
      ['arena', `${bytes(arena)} (${arena} bytes)`],
      ['lower bound', `${bytes(arenaLowerBound)} (${arenaLowerBound} bytes)${excess}`],
      ['scratch', bytes(scratch)],
      ['linear memory', bytes(linear)],
    ]);
    parts.push(`Memory\n${indent(memory)}`);
  }
  if (summary.failure) parts.push(`Cannot be compiled\n  [${summary.failure.code}] ${summary.failure.message}`);
  if (summary.unsupported.length) {
    const lines = summary.unsupported.map(({ op, reason, count: n }) => `${op}: ${reason} (${plural(n, 'node')})`);
    parts.push(`Not supported\n${indent(lines.join('\n'))}`);
  }
  return parts.join('\n\n');
}
