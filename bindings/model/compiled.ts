// Compiled models: what `lanelite compile` writes (tools/compile.ts), read back into plans. Loaded for such files alone.
//
// u32 format, `LANE`, u32 bytes of the file, u32 bytes of the head, u32 number of arguments, u32 checksum of what follows up to
// the data: the head (JSON, below), and from the next multiple of 8 on all arguments of kernels (float64). Then data: weights as
// kernels read them, tables, the author's metadata, an archive of associated files. Data lies in linear memory as in the file, and
// targets share what they have in common.
//
// Structure is checked, so that nothing here reads or writes outside what belongs to the model; what numbers mean to kernels
// cannot be. So such a model has an engine to itself, where traps become errors and nothing of others can be reached.
import { KERNELS_ID } from '../../build/kernels-id.js';
import { byteLength, DTYPES, elementCount } from '../dtype.js';
import { ArgumentError, HostError, ModelFormatError, ShapeError, StateError } from '../errors.js';
import { COMPILER } from '../features.js';
import type { Arithmetic, Instruction, ModelResources, Plan, SegmentStart } from '../graph/compile.js';
import { cloneGraph } from '../graph/graph.js';
import type { Value } from '../graph/ir.js';
import type { Region, RegionOwner } from '../memory/map.js';
import type { Operator } from '../ops/operator.js';
import { type Registry, standardRegistry } from '../ops/registry.js';
import type { Engine } from '../runtime/engine.js';
import type { Walk } from '../runtime/runner.js';
import type { LoadOptions } from './load.js';
import type {
  ByteRange,
  MetadataEntry,
  ModelDefinition,
  SignatureDefinition,
  SubgraphDefinition,
  TensorDefinition,
} from './model.js';
import { check, verifyModel } from './verify.js';

export const FORMAT = 2;
/** `LANE` */
export const MAGIC = 0x454e414c;
export const HEADER_BYTES = 24;
export { KERNELS_ID };

/**
 * What an argument or an address is: a number, or an offset in the file, the arena, the variables, or in working memory,
 * of which some is for all threads and some for each.
 */
export const KINDS = ['number', 'file', 'arena', 'variables', 'temporary', 'scratch'] as const;

/** The machines that plans are compiled for, by `Engine.relaxedDot`. Portable plans run everywhere. */
export const MACHINES = ['portable', 'x86', 'arm'] as const;
export type Machine = (typeof MACHINES)[number];

export interface Head {
  readonly lanelite: string;
  readonly kernels: string;
  readonly description: string;
  readonly subgraphs: readonly StoredGraph[];
  readonly signatures: readonly SignatureDefinition[];
  readonly metadata: readonly MetadataEntry[];
  readonly buffers: readonly ByteRange[];
  /** The kernels that instructions name. */
  readonly exports: readonly string[];
  readonly plans: readonly StoredPlan[];
  readonly targets: readonly Target[];
}

/** What plans are compiled for. */
export interface Target {
  readonly machine: Machine;
  readonly arithmetic: Arithmetic;
  /** A plan for each subgraph; null where it has no use without the others. */
  readonly plans: readonly (number | null)[];
}

export interface StoredGraph {
  readonly name: string;
  /** 0 for those that the file does not need. */
  readonly tensors: readonly (StoredTensor | 0)[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly StoredOperator[];
}

export type StoredTensor = readonly [
  name: string,
  dtype: number,
  shape: readonly number[],
  isVariable: number,
  shapeSignature?: readonly number[] | null,
  quantization?: readonly [scale: readonly number[], zeroPoint: readonly number[], axis: number] | null,
  /** Position among the file's buffers, for constants that the API shows. */
  buffer?: number,
];

export type StoredOperator = readonly [
  op: string,
  custom: number,
  version: number,
  macs: number,
  inputs: readonly number[],
  outputs: readonly number[],
];

export interface StoredPlan {
  readonly subgraph: number;
  readonly arena: number;
  readonly lowerBound: number;
  readonly temporary: number;
  readonly scratch: number;
  readonly addresses: readonly (readonly [tensor: number, kind: number, offset: number])[];
  /** `kinds` has a digit for each argument, its position in `KINDS`. */
  readonly steps: readonly (readonly [kernel: number, operator: number, units: number, kinds: string])[];
  /** Position of the first argument among those of the file. */
  readonly first: number;
}

/**
 * Damage and truncation, found before anything is made of the bytes; no defence against intent.
 * @param bytes whole words, and where words may lie
 */
export function checksum(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let hash = 0x811c9dc5;
  // Cold code, so few steps: each is reversible, and no change of a word goes unnoticed.
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash >>> 0;
}

/** Where the arguments begin, behind a head of so many bytes. */
export const argumentsAt = (head: number) => Math.ceil((HEADER_BYTES + head) / 8) * 8;

const AGAIN = "run this version's `lanelite compile` on the .tflite file again";

/**
 * The head of a compiled file, and where the arguments of its kernels lie.
 * @throws ModelFormatError where it is damaged, or for another version
 */
export function readHead(bytes: Uint8Array): { head: Head; table: number; data: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (i: number) => view.getUint32(4 * i, true);
  const size = bytes.length;
  check(size >= HEADER_BYTES && word(1) === MAGIC, () =>
    COMPILER
      ? 'the file is neither a .tflite model nor a compiled one'
      : 'the file is no compiled model, and this runtime takes no others: make one with `lanelite compile`',
  );
  check(word(0) === FORMAT, () => `the compiled model has format ${word(0)}, not ${FORMAT}: ${AGAIN}`);
  check(word(2) === size, () => `the compiled model has ${size} bytes, not ${word(2)}`);
  const table = argumentsAt(word(3));
  const data = table + 8 * word(4);
  check(data <= size, () => 'the head of the compiled model runs past its end');
  check(checksum(bytes.subarray(HEADER_BYTES, data)) === word(5), () => 'the head of the compiled model is damaged');
  // A copy, for decoders refuse memory that threads share.
  const head: Head = JSON.parse(new TextDecoder().decode(bytes.slice(HEADER_BYTES, HEADER_BYTES + word(3))));
  const { kernels, lanelite } = head;
  check(kernels === KERNELS_ID, () => `the model was compiled by Lanelite ${lanelite} for other kernels: ${AGAIN}`);
  return { head, table, data };
}

/**
 * What a compiled file says, with its plans in place of a compiler.
 * @throws ModelFormatError, ArgumentError, HostError
 */
export async function readCompiled(
  bytes: Uint8Array,
  engine: Engine,
  options: LoadOptions,
): Promise<{ definition: ModelDefinition; registry: Pick<Registry, 'operators' | 'compiler'> }> {
  const { head, table, data } = readHead(bytes);
  if (options.engine) {
    throw new ArgumentError(
      'a compiled model has an engine to itself: call loadModel without `engine`; it takes `build`, `maxMemory` and `threads`, too',
    );
  }
  const size = bytes.length;
  const { subgraphs, targets } = head;
  const definition = definitionOf(head, size);
  verifyModel(definition);

  const machine = MACHINES[engine.relaxedDot]!;
  const usable = [machine, 'portable'].map((name) => targets.filter((target) => target.machine === name));
  const chosen = usable.find((list) => list.length > 0);
  if (!chosen) {
    const machines = [...new Set(targets.map((target) => target.machine))].join(', ');
    throw new HostError(
      `the model was compiled for ${machines}, and this is '${machine}' (${engine.build} build): ` +
        'compile it with `--target portable`, or load the .tflite file',
    );
  }
  const args = new Float64Array(bytes.slice(table, data).buffer);
  const walks = new Map<Arithmetic, readonly (StoredWalk | null)[]>();
  for (const { arithmetic, plans } of chosen) {
    const read = (plan: number | null, s: number) =>
      plan === null ? null : new StoredWalk(head, head.plans[plan]!, definition.subgraphs[s]!, args, size, engine);
    walks.set(arithmetic, plans.map(read));
  }

  // Where a graph lies in the file tells which it is.
  const walk: NonNullable<ModelResources['walk']> = (start, resources, compile) => {
    const { arithmetic, preserveAllTensors, team } = compile;
    const stored = walks.get(arithmetic)?.[Number(fileOf(start.graph.values).name)];
    if (!stored) {
      throw new ArgumentError(
        `the model was compiled for ${[...walks.keys()].join(', ')} arithmetic, not for '${arithmetic}': ` +
          'pass another `arithmetic`, or compile with `--arithmetic fast,exact`',
      );
    }
    if (preserveAllTensors) {
      throw new ArgumentError('a compiled model has no memory for all tensors: load the .tflite file for that');
    }
    return stored.place(start, resources.engine, team?.count ?? 1);
  };
  const isStateful = definition.subgraphs.some(({ tensors }) => tensors.some(({ isVariable }) => isVariable));
  const { variables } = isStateful ? (await standardRegistry.more!()).compiler! : {};
  const compiler = { walk, variables };
  const names = new Set(subgraphs.flatMap(({ operators }) => operators.map(([op]) => op)));
  return { definition, registry: { operators: [...names].map((name) => ({ ...STORED, name })), compiler } };
}

const never = () => {
  throw new StateError('a compiled model is not compiled again');
};

/** What is left of an operator: the work of its nodes. */
const STORED: Omit<Operator, 'name'> = { infer: never, lower: never, macs: ({ options }) => options.macs };

/** The value behind all others of a graph is the file. */
const fileOf = (values: readonly Value[]) => values.at(-1)!;

/** Whole and not above `limit`. */
function whole(n: number, limit: number): number {
  check(Number.isInteger(n) && n >= 0 && n <= limit, () => `${n} is not in 0..${limit}`);
  return n;
}

/** The graphs in the form in which files are read otherwise. The last tensor of each is the file itself. */
export function definitionOf(
  { description, subgraphs, signatures, metadata, buffers }: Head,
  size: number,
): ModelDefinition {
  const ranges = buffers.map(({ offset, size: length }) => ({ offset: whole(offset, size), size: length }));
  for (const range of ranges) whole(range.size, size - range.offset);
  const file = { offset: 0, size };
  return {
    version: 3,
    description,
    signatures,
    metadata,
    buffers: [...ranges, file, { offset: 0, size: 0 }],
    subgraphs: subgraphs.map(({ name, tensors, inputs, outputs, operators }, s) => ({
      name,
      inputs,
      outputs,
      tensors: [...tensors, [String(s), DTYPES.indexOf('uint8'), [size], 0] as const].map(
        (tensor, t): TensorDefinition => {
          const [label, dtype, shape, isVariable, shapeSignature = null, quantization, buffer] = tensor || ABSENT;
          check(DTYPES[dtype] !== undefined, () => `tensor ${t} has type ${dtype}`);
          return {
            name: label,
            dtype: DTYPES[dtype]!,
            shape: shape.map((d) => whole(d, 2 ** 31)),
            shapeSignature,
            buffer: t === tensors.length ? buffers.length : (buffer ?? buffers.length + 1),
            quantization: quantization
              ? {
                  scale: Float32Array.from(quantization[0]),
                  zeroPoint: Int32Array.from(quantization[1]),
                  axis: quantization[2],
                }
              : null,
            quantizationDetails: null,
            isVariable: !!isVariable,
            sparsity: null,
          };
        },
      ),
      operators: operators.map(([op, custom, version, macs, ins, outs]) => ({
        op,
        custom: !!custom,
        version,
        inputs: ins,
        outputs: outs,
        intermediates: [],
        options: { macs },
        customOptions: null,
      })),
    })),
  };
}

const ABSENT: StoredTensor = ['', 0, [], 0];

/** A stored plan, checked as far as that goes before its memory is there. */
class StoredWalk {
  readonly #shapes: readonly string[];

  constructor(
    readonly head: Head,
    readonly plan: StoredPlan,
    readonly graph: SubgraphDefinition,
    readonly args: Float64Array,
    readonly size: number,
    engine: Engine,
  ) {
    const { arena, temporary, scratch, addresses, steps, first } = plan;
    this.#shapes = graph.inputs.map((i) => String(graph.tensors[i]!.shape));
    for (const bytes of [arena, plan.lowerBound, temporary, scratch]) whole(bytes, 2 ** 32);
    const limits = [Infinity, size, arena, this.#variableBytes(), temporary, scratch];
    for (const [id, kind, offset] of addresses) {
      whole(kind - 1, limits.length - 2);
      whole(id, graph.tensors.length - 2);
      const { dtype, shape } = graph.tensors[id]!;
      whole(offset + byteLength(dtype, elementCount(shape)), limits[kind]!);
      whole(offset, limits[kind]!);
    }
    let at = whole(first, args.length);
    for (const [kernel, operator, units, kinds] of steps) {
      const name = head.exports[kernel] as Instruction['kernel'];
      const run: unknown = engine.kernels[name];
      check(
        typeof run === 'function' && run.length === kinds.length + 2,
        () => `the engine has no kernel '${name}' with ${kinds.length + 2} arguments: ${AGAIN}`,
      );
      whole(operator, graph.operators.length - 1);
      whole(units, 2 ** 31 - 1);
      for (const kind of kinds) {
        whole(Number(kind), limits.length - 1);
        // Some kernels count from before their data.
        if (kind !== '0') check(Math.abs(args[at]!) <= 2 ** 32, () => `kernel '${name}' gets address ${args[at]}`);
        at++;
      }
      whole(at, args.length);
    }
  }

  #variableBytes(): number {
    let bytes = 0;
    const { tensors, inputs } = this.graph;
    for (const [t, { isVariable, dtype, shape }] of tensors.entries()) {
      if (isVariable && !inputs.includes(t)) bytes += Math.ceil(byteLength(dtype, elementCount(shape)) / 16) * 16;
    }
    return bytes;
  }

  /** Memory, and instructions with addresses in it. */
  place(start: SegmentStart, engine: Engine, threads: number): Walk {
    const { plan: stored, args, head } = this;
    const { arena: arenaBytes, lowerBound, temporary, scratch: scratchStride } = stored;
    const graph = cloneGraph(start.graph);
    if (graph.inputs.some(({ shape }, i) => String(shape) !== this.#shapes[i])) {
      const shapes = this.#shapes.map((shape) => `[${shape}]`).join(', ');
      throw new ShapeError(`the model was compiled for inputs of ${shapes}: load the .tflite file to resize them`);
    }
    const { map, kernels } = engine;
    const constants = map.pool('constants');
    const regions: Region[] = [];
    const release = () => {
      constants.release();
      for (const region of regions.splice(0)) map.release(region);
    };
    const allocate = (bytes: number, owner: RegionOwner) => {
      const region = map.allocate(bytes, owner);
      regions.push(region);
      return region.address;
    };
    try {
      const arena = allocate(arenaBytes, 'arena');
      const workBytes = temporary + scratchStride * threads;
      const work = allocate(workBytes, 'scratch');
      const file = fileOf(graph.values).constant!.address;
      const variables = Math.min(...start.addresses.values());
      const bases = [0, file, arena, variables, work, work + temporary];
      const addresses = new Map(
        stored.addresses.map(([id, kind, offset]) => [graph.values[id]!, bases[kind]! + offset] as const),
      );
      let at = stored.first;
      const instructions = stored.steps.map(([kernel, operator, units, kinds]): Instruction => {
        const name = head.exports[kernel] as Instruction['kernel'];
        const run = kernels[name] as Instruction['run'];
        const settled = [...kinds].map((kind) => bases[Number(kind)]! + args[at++]!);
        const all = [...settled, 0, units];
        const call = run.bind(undefined, ...all);
        return {
          kernel: name,
          run,
          args: all,
          call() {
            try {
              return call();
            } catch (cause) {
              throw new ModelFormatError(`kernel ${name} trapped: the compiled model is damaged`, { cause });
            }
          },
          scratch: [...kinds].flatMap((kind, i) => (kind === '5' ? [i] : [])),
          units,
          node: graph.nodes[operator]!,
        };
      });
      const operators = new Map(graph.nodes.map(({ op }) => [op, { ...STORED, name: op }]));
      const memory = { arena: arenaBytes, lowerBound, scratch: workBytes };
      const known = new Map();
      const { nodes } = graph;
      const plan: Plan = {
        ...{ instructions, graph, nodes, addresses, memory, scratchStride, operators, constants, known },
        pending: null,
        release,
      };
      return { last: plan, plans: [plan], begin: () => plan, next: () => null, release };
    } catch (error) {
      release();
      throw error;
    }
  }
}
