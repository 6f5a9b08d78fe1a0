/**
 * `lanelite compile`: a model as plans, with weights as the kernels want them (see model/compiled.ts for the file). The compiler is
 * the runtime's own. It runs twice, the second time a megabyte further up in memory: what moves with it is an address, the rest
 * are numbers.
 */
import { DTYPES, elementCount } from '../dtype.js';
import { ArgumentError, LaneliteError, UnsupportedOperatorError } from '../errors.js';
import type { Arithmetic, Plan } from '../graph/compile.js';
import type { Session, Value } from '../graph/ir.js';
import { Engine, loadModel, type Model } from '../index.js';
import { MemoryMap, Pool, type Region, type RegionOwner } from '../memory/map.js';
import {
  argumentsAt,
  checksum,
  FORMAT,
  HEADER_BYTES,
  type Head,
  KERNELS_ID,
  KINDS,
  MACHINES,
  MAGIC,
  type Machine,
  type StoredGraph,
  type StoredPlan,
  type StoredTensor,
  type Target,
} from '../model/compiled.js';
import { isCompiled } from '../model/load.js';
import { extra } from '../ops/extra.js';
import { SubgraphRunner } from '../runtime/runner.js';
import { bytes as bytesText, fields } from './text.js';

export interface CompileModelOptions {
  /** Whose plans to store; portable ones run on all. */
  readonly machines?: readonly Machine[];
  readonly arithmetics?: readonly Arithmetic[];
  /** Of Lanelite, for messages. */
  readonly version?: string;
}

export interface CompiledModel {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly machines: readonly Machine[];
  readonly arithmetics: readonly Arithmetic[];
  readonly kernels: readonly string[];
  readonly instructions: number;
}

const SHIFT = 2 ** 20;

interface Block {
  readonly address: number;
  readonly bytes: number;
  readonly owner: RegionOwner;
}

/** Knows what lies where. */
class RecordingMap extends MemoryMap {
  readonly blocks = new Set<Block>();

  override allocate(bytes: number, owner: RegionOwner): Region {
    const region = super.allocate(bytes, owner);
    this.blocks.add({ address: region.address, bytes, owner });
    return region;
  }

  override release(region: Region): void {
    for (const block of this.blocks) {
      if (block.address >= region.address && block.address < region.address + region.size) this.blocks.delete(block);
    }
    super.release(region);
  }

  override pool(owner: RegionOwner): Pool {
    const { blocks } = this;
    return new (class extends Pool {
      override allocate(bytes: number): number {
        const address = super.allocate(bytes);
        blocks.add({ address, bytes, owner });
        return address;
      }
    })(this, owner);
  }
}

/** One compilation of all graphs that stand alone. */
interface Compilation {
  readonly model: Model;
  readonly engine: Engine;
  readonly map: RecordingMap;
  readonly image: number;
  /** Null for those that only others call. */
  readonly graphs: readonly (Plan | null)[];
}

async function compileAt(
  shift: number,
  source: Uint8Array,
  machine: Machine,
  arithmetic: Arithmetic,
): Promise<Compilation> {
  // Kernels of this build pack for all machines, and fold alike on all.
  const engine = await Engine.create({ build: 'simd' });
  const map = new RecordingMap(engine.memory, engine.kernels.heap_base());
  Object.assign(engine, { map, relaxedDot: MACHINES.indexOf(machine) });
  if (shift) map.allocate(shift - 16, 'scratch');
  const model = await loadModel(source, { engine });
  const { definition } = model;
  const { resources } = model.enter();
  const operators = new Map(resources.operators);
  for (const operator of extra) operators.set(operator.name, operator);
  const wanted = new Set([0, ...definition.signatures.map(({ subgraph }) => subgraph)]);
  const runners = new Map<number, SubgraphRunner>();
  const session: Session = {
    layout: 0,
    owners: [],
    subgraph(index) {
      let runner = runners.get(index);
      if (!runner) {
        const graph = model.enter().graph(index);
        runner = new SubgraphRunner(
          graph,
          { ...resources, operators },
          { arithmetic, preserveAllTensors: false },
          session,
        );
        runners.set(index, runner);
      }
      return runner;
    },
    runners: () => runners.values(),
  };
  const graphs = definition.subgraphs.map((_, s) => {
    if (!wanted.has(s)) return null;
    const runner = session.subgraph(s) as SubgraphRunner;
    runner.prepare();
    const [plan, ...more] = runner.plans;
    const strings = plan?.graph.values.some(({ dtype }) => dtype === 'string');
    if (!plan || plan.pending || more.length || session.owners.length || strings) throw refusal(plan, session, strings);
    return plan;
  });
  const image = model.bytes().byteOffset;
  return { model, engine, map, image, graphs };
}

/** Why a model has to be compiled where it runs. */
function refusal(plan: Plan | undefined, session: Session, strings = false): LaneliteError {
  const { pending } = plan ?? {};
  const node = pending && plan!.graph.nodes[pending.node];
  const reason = pending?.value
    ? `its shapes depend on the values of '${pending.value.name}', so it is compiled while it runs`
    : session.owners.length
      ? 'it keeps resources for the interpreter'
      : strings
        ? 'their places depend on their lengths'
        : 'it leaves the plan while it runs';
  const missing = {
    op: node?.op ?? (strings ? 'strings' : 'a resource'),
    index: node?.index ?? 0,
    reason: `${reason}; ship the .tflite file`,
  };
  return new UnsupportedOperatorError([missing]);
}

/** Data of the file, each block once. */
class Data {
  readonly #offsets = new Map<string, number>();
  readonly parts: Uint8Array[] = [];
  size = 0;

  add(bytes: Uint8Array): number {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    let offset = this.#offsets.get(key);
    if (offset === undefined) {
      offset = this.size;
      this.#offsets.set(key, offset);
      const part = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
      part.set(bytes);
      this.parts.push(part);
      this.size += part.length;
    }
    return offset;
  }
}

/** An address in the file that is not known yet: `value` counts from the beginning of the data. */
const FILE = KINDS.indexOf('file');

class Writer {
  readonly data = new Data();
  readonly args: number[] = [];
  /** Positions of arguments that count from the beginning of the data. */
  readonly inFile: number[] = [];
  readonly exports: string[] = [];
  readonly plans: StoredPlan[] = [];
  readonly buffers: { readonly offset: number; readonly size: number }[] = [];
  readonly #known = new Map<string, number>();

  /** The position of a plan; equal ones are stored once. */
  plan(low: Compilation, high: Compilation, s: number): number {
    const plan = low.graphs[s]!;
    const twin = high.graphs[s]!;
    const { scratchStride, memory } = plan;
    const temporary = memory.scratch - scratchStride;
    const locate = this.#locator(low, high, temporary);
    const values = valuesOf(plan);
    const nodes = new Map(plan.nodes.map((node, i) => [node, i]));
    const args: number[] = [];
    const inFile: number[] = [];
    if (plan.instructions.length !== twin.instructions.length) throw internal('plans differ');
    const steps = plan.instructions.map((instruction, i) => {
      const { kernel, units, scratch } = instruction;
      const moved = twin.instructions[i]!.args;
      let kinds = '';
      for (const [j, arg] of instruction.args.slice(0, -2).entries()) {
        let [kind, value] = [0, arg];
        if (!Object.is(arg, moved[j])) {
          if (moved[j] !== arg + SHIFT) throw internal(`argument ${j} of ${kernel}`);
          [kind, value] = locate(arg, scratch.includes(j));
        }
        if (kind === FILE) inFile.push(args.length);
        kinds += kind;
        args.push(value);
      }
      return [this.#kernel(kernel), nodes.get(instruction.node)!, units, kinds] as const;
    });
    const addresses = values.flatMap((value, id) => {
      const address = value.constant || elementCount(value.shape) === 0 ? undefined : plan.addresses.get(value);
      return address === undefined ? [] : [[id, ...locate(address, false)] as const];
    });
    const stored = {
      ...{ subgraph: s, arena: memory.arena, lowerBound: memory.lowerBound, temporary, scratch: scratchStride },
      ...{ addresses, steps },
    };
    const key = JSON.stringify([stored, args.map(String)]);
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.plans.push({ ...stored, first: this.args.length }) - 1;
      this.#known.set(key, index);
      for (const at of inFile) this.inFile.push(this.args.length + at);
      this.args.push(...args);
    }
    return index;
  }

  #kernel(name: string): number {
    const at = this.exports.indexOf(name);
    return at >= 0 ? at : this.exports.push(name) - 1;
  }

  /** Where an address lies, by kind and offset. */
  #locator(low: Compilation, high: Compilation, temporary: number) {
    const { map, image, model, engine } = low;
    const blocks = [...map.blocks].filter(({ owner }) => owner !== 'image');
    for (const { offset, size } of model.definition.buffers) {
      if (size) blocks.push({ address: image + offset, bytes: size, owner: 'image' });
    }
    // Pools have blocks within blocks: the smallest is meant.
    blocks.sort((a, b) => a.bytes - b.bytes);
    const stored = new Map<Block, number>();
    const store = (block: Block): number => {
      const { address, bytes } = block;
      let offset = stored.get(block);
      if (offset === undefined) {
        const data = engine.bytes.subarray(address, address + bytes);
        const twin = high.engine.bytes.subarray(address + SHIFT, address + SHIFT + bytes);
        if (Buffer.compare(data, twin)) throw internal('its tables hold addresses');
        offset = this.data.add(data);
        stored.set(block, offset);
      }
      return offset;
    };
    return (address: number, isScratch: boolean): [kind: number, offset: number] => {
      const inside = (b: Block) => address >= b.address && address < b.address + b.bytes;
      // An end may be meant, of something that is empty.
      const block = blocks.find(inside) ?? blocks.find((b) => address === b.address + b.bytes);
      if (!block) throw internal(`nothing is at ${address}`);
      const offset = address - block.address;
      if (isScratch) return [KINDS.indexOf('scratch'), offset - temporary];
      if (block.owner === 'scratch') return [KINDS.indexOf('temporary'), offset];
      if (block.owner === 'arena' || block.owner === 'variables') return [KINDS.indexOf(block.owner), offset];
      return [FILE, store(block) + offset];
    };
  }

  /** Tensors that the API shows or nodes name, and the nodes. */
  graph({ model, graphs, engine }: Compilation, s: number): StoredGraph {
    const { name, inputs, outputs, tensors: all } = model.definition.subgraphs[s]!;
    const plan = graphs[s];
    if (!plan) return { name, tensors: [], inputs: [], outputs: [], operators: [] };
    const values = valuesOf(plan);
    const ids = new Map(values.map((value, id) => [value, id]));
    const shown = new Set([...plan.graph.inputs, ...plan.graph.outputs]);
    const named = new Set([...shown, ...plan.nodes.flatMap((node) => [...node.inputs, ...node.outputs])]);
    const tensor = (value: Value, id: number): StoredTensor | 0 => {
      const { dtype, shape, constant, quantization: q, isVariable } = value;
      if (!(shown.has(value) || isVariable || (named.has(value) && !constant))) return 0;
      const base = [value.name, DTYPES.indexOf(dtype), shape, Number(isVariable)] as const;
      if (!shown.has(value) && !isVariable) return base;
      const quantization = q && ([[...q.scale], [...q.zeroPoint], q.axis] as const);
      if (!constant) return [...base, all[id]?.shapeSignature ?? null, quantization];
      // The address comes first: it may make room.
      const { address, bytes } = constant;
      const data = engine.bytes.subarray(address, address + bytes);
      return [...base, value.shapeSignature, quantization, this.buffer(data)];
    };
    const id = (value: Value | null) => (value && !value.constant ? ids.get(value)! : -1);
    return {
      ...{ name, inputs, outputs, tensors: values.map(tensor) },
      operators: plan.nodes.map((node) => {
        const macs = plan.operators.get(node.op)?.macs?.(node) ?? 0;
        return [node.op, Number(node.custom), node.version, macs, node.inputs.map(id), node.outputs.map(id)];
      }),
    };
  }

  buffer(data: Uint8Array): number {
    const offset = this.data.add(data);
    const at = this.buffers.findIndex((range) => range.offset === offset && range.size === data.length);
    return at >= 0 ? at : this.buffers.push({ offset, size: data.length }) - 1;
  }

  /** The file, with the bytes of an archive at its end. */
  file(head: Omit<Head, 'exports' | 'plans' | 'buffers'>, archive: Uint8Array): Uint8Array {
    // Offsets of buffers are in the head, and where data begins depends on its length: once more until it holds.
    const { exports, plans, args } = this;
    let start = 0;
    let text: Uint8Array;
    for (;;) {
      const buffers = this.buffers.map(({ offset, size }) => ({ offset: start + offset, size }));
      text = new TextEncoder().encode(JSON.stringify({ ...head, exports, plans, buffers }));
      const data = Math.ceil((argumentsAt(text.length) + 8 * args.length) / 64) * 64;
      if (data <= start) break;
      start = data;
    }
    const bytes = new Uint8Array(start + this.data.size + archive.length);
    const table = argumentsAt(text.length);
    const view = new DataView(bytes.buffer);
    bytes.set(text, HEADER_BYTES);
    const inFile = new Set(this.inFile);
    for (const [i, arg] of args.entries()) view.setFloat64(table + 8 * i, inFile.has(i) ? start + arg : arg, true);
    let at = start;
    for (const part of this.data.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    bytes.set(archive, at);
    const sum = checksum(bytes.subarray(HEADER_BYTES, table + 8 * args.length));
    const words = [FORMAT, MAGIC, bytes.length, text.length, args.length, sum];
    for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
    return bytes;
  }
}

const internal = (what: string) => new LaneliteError('INTERNAL', `the model cannot be compiled to a file: ${what}`);

/** Values by tensor index, with those that the compiler added. */
function valuesOf({ graph, nodes }: Plan): Value[] {
  const values = new Set(graph.values);
  for (const { inputs, outputs } of nodes) for (const value of [...inputs, ...outputs]) if (value) values.add(value);
  return [...values];
}

/** The archive behind a model, with offsets that count from its own beginning. */
function archiveOf(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = file.length - 22;
  const last = Math.max(0, end - 0xffff);
  while (end >= last && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < last) return new Uint8Array();
  const directory = end - view.getUint32(end + 12, true);
  const base = directory - view.getUint32(end + 16, true);
  const headers: number[] = [];
  for (let at = directory; at + 46 <= end && view.getUint32(at, true) === 0x02014b50; ) {
    headers.push(at);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  const start = Math.min(directory, ...headers.map((at) => base + view.getUint32(at + 42, true)));
  if (start < 0) return new Uint8Array();
  const archive = file.slice(start);
  const moved = new DataView(archive.buffer);
  for (const at of headers) moved.setUint32(at - start + 42, base + view.getUint32(at + 42, true) - start, true);
  moved.setUint32(end - start + 16, directory - start, true);
  return archive;
}

/**
 * A model with its plans and packed weights as one file.
 * @throws UnsupportedOperatorError where plans depend on what a run computes
 */
export async function compileModel(source: Uint8Array, options: CompileModelOptions = {}): Promise<CompiledModel> {
  const { machines = MACHINES, arithmetics = ['fast'], version = '' } = options;
  if (isCompiled(source)) throw new ArgumentError('the model is compiled already: start from the .tflite file');
  const writer = new Writer();
  const targets: Target[] = [];
  let graphs: StoredGraph[] | null = null;
  let description = '';
  let signatures: Head['signatures'] = [];
  const metadata: { name: string; buffer: number }[] = [];
  for (const machine of machines) {
    for (const arithmetic of arithmetics) {
      const low = await compileAt(0, source, machine, arithmetic);
      const high = await compileAt(SHIFT, source, machine, arithmetic);
      const { definition } = low.model;
      if (!graphs) {
        graphs = definition.subgraphs.map((_, s) => writer.graph(low, s));
        ({ description, signatures } = definition);
        for (const { name, buffer } of definition.metadata) {
          const { offset, size } = definition.buffers[buffer]!;
          if (name === 'TFLITE_METADATA') {
            metadata.push({ name, buffer: writer.buffer(low.model.bytes().slice(offset, offset + size)) });
          }
        }
      } else if (JSON.stringify(graphs) !== JSON.stringify(low.graphs.map((_, s) => writer.graph(low, s)))) {
        throw internal('its graph is another on other machines');
      }
      const plans = low.graphs.map((graph, s) => graph && writer.plan(low, high, s));
      targets.push({ machine, arithmetic, plans });
    }
  }
  const head = { lanelite: version, kernels: KERNELS_ID, description, signatures, metadata, targets };
  return {
    bytes: writer.file({ ...head, subgraphs: graphs! }, archiveOf(source)),
    from: source.length,
    ...{ machines, arithmetics, kernels: writer.exports },
    instructions: Math.max(...writer.plans.map(({ steps }) => steps.length)),
  };
}

export function formatCompiled({ bytes, from, machines, arithmetics, kernels, instructions }: CompiledModel): string {
  return fields([
    ['file', `${bytesText(bytes.length)} (the .tflite file has ${bytesText(from)})`],
    ['for', `${machines.join(', ')}; ${arithmetics.join(', ')} arithmetic`],
    ['plan', `${instructions} instructions of ${kernels.length} kernels`],
  ]);
}
