import { HostError, LaneliteError, ModelFormatError, NotFoundError, StateError } from '../errors.js';
import { COMPILER, ON_DEMAND, THREADS } from '../features.js';
import { alone, type ModelResources } from '../graph/compile.js';
import { type Graph, importGraph } from '../graph/graph.js';
import { getHost, NO_THREADS } from '../hosts/host.js';
import type { Region } from '../memory/map.js';
import type { Operator } from '../ops/operator.js';
import { type Registry, registryOf, standardRegistry } from '../ops/registry.js';
import { Engine, type EngineOptions } from '../runtime/engine.js';
import type { Team } from '../threads/host.js';
import type { AssociatedFile, ModelMetadata } from './metadata.js';
import type { ModelDefinition, SignatureDefinition } from './model.js';
import { defineModel, isPlain, readContents, readModel, readTables } from './reader.js';
import { discard, type ModelSource, type OpenSource, openSource, type SourceOptions } from './source.js';

export interface LoadOptions extends EngineOptions, SourceOptions {
  /** Puts the model into an existing engine, to share its memory; by default each model has an engine of its own. */
  readonly engine?: Engine;
  /** The operators to know, instead of all that Lanelite has. */
  readonly operators?: readonly Operator[];
}

/** The memory that a model has in one engine. */
export class Residence {
  readonly resources: ModelResources;
  /** Interpreters that live there, and the model itself. */
  users = 1;

  constructor(
    engine: Engine,
    readonly image: Region,
    compiler: Pick<ModelResources, 'operators' | 'walk' | 'pins' | 'strings' | 'missing' | 'variables'>,
    readonly definition: ModelDefinition,
  ) {
    this.resources = { ...compiler, engine, packed: new Map(), packedPool: engine.map.pool('packed') };
  }

  /** A subgraph as the compiler starts from it. */
  graph(subgraph: number): Graph {
    if (!this.definition.subgraphs[subgraph]) throw new NotFoundError(`the model has no subgraph ${subgraph}`);
    return importGraph(this.definition, subgraph, this.image.address);
  }

  /** Gives the memory back when the last user leaves. */
  leave(): void {
    if (--this.users > 0) return;
    const { packed, packedPool, engine } = this.resources;
    packedPool.release();
    packed.clear();
    engine.map.release(this.image);
  }
}

/** A verified model whose bytes lie once in linear memory, shared by all interpreters that run it. */
export class Model {
  readonly #metadata: ModelMetadata | Error | null;
  #residence: Residence;
  /** Whether `close()` was called. */
  closed = false;

  constructor(
    engine: Engine,
    /** What the file says, without the weights. */
    readonly definition: ModelDefinition,
    image: Region,
    /** Bytes of the file. */
    readonly size: number,
    { operators, compiler }: Pick<Registry, 'operators' | 'compiler'>,
    metadata: ModelMetadata | Error | null = null,
    readonly options: LoadOptions = {},
  ) {
    this.#metadata = metadata;
    const byName = new Map(operators.map((operator) => [operator.name, operator]));
    this.#residence = new Residence(engine, image, { operators: byName, ...compiler }, definition);
  }

  /** The engine that holds the model; another one after an interpreter asked for threads. */
  get engine(): Engine {
    return this.resources.engine;
  }

  get resources(): ModelResources {
    return this.#residence.resources;
  }

  get signatures(): readonly SignatureDefinition[] {
    return this.definition.signatures;
  }

  /**
   * What the author says about the model and its tensors (TFLite Metadata); null where the file has none.
   * @throws ModelFormatError where it is damaged, which does not keep the model from running
   */
  get metadata(): ModelMetadata | null {
    if (this.#metadata instanceof Error) throw this.#metadata;
    return this.#metadata;
  }

  /** The files that travel with the model: label lists, vocabularies. */
  async associatedFiles(): Promise<AssociatedFile[]> {
    const { associatedFiles } = await import('./metadata.js');
    return associatedFiles(() => this.bytes());
  }

  /**
   * Class names, from the label file of an output, or of the first output that has one; null where there is none.
   * @param output position among the outputs
   */
  async labels(output?: number): Promise<string[] | null> {
    const { readLabels } = await import('./metadata.js');
    return readLabels(() => this.bytes(), this.metadata, output);
  }

  /** The model's bytes in place; valid until the engine's memory grows. */
  bytes(): Uint8Array {
    this.#check();
    const { address } = this.#residence.image;
    return this.engine.bytes.subarray(address, address + this.size);
  }

  /** Lets an interpreter in, which has to `leave`; the memory stays while one is in. */
  enter(): Residence {
    this.#check();
    this.#residence.users++;
    return this.#residence;
  }

  /** Threads for an interpreter. May move the model to memory that they share. */
  async startTeam(count: number): Promise<Team> {
    this.#check();
    return (THREADS && (await (await getHost().threads?.())?.startTeam(this, count))) || alone(NO_THREADS);
  }

  /** Goes on in another engine; interpreters that are open stay where they are. */
  move(engine: Engine): void {
    if (!THREADS) return;
    const image = engine.map.allocate(this.size, 'image');
    engine.bytes.set(this.bytes(), image.address);
    const before = this.#residence;
    this.#residence = new Residence(engine, image, this.resources, this.definition);
    before.leave();
  }

  /** Gives the model's memory back, as soon as its last interpreter is closed. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#residence.leave();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(): void {
    if (this.closed) throw new StateError('the model is closed');
  }
}

/** Reads a source into linear memory: straight there as far as the size announced goes. */
async function readImage({ size: announced = 0, chunks }: OpenSource, engine: Engine) {
  let image = engine.map.allocate(announced, 'image');
  try {
    let size = 0;
    const rest: Uint8Array[] = [];
    for await (const chunk of chunks) {
      if (rest.length === 0 && size + chunk.length <= announced) engine.bytes.set(chunk, image.address + size);
      else rest.push(chunk);
      size += chunk.length;
    }
    if (rest.length > 0) {
      const part = image;
      image = engine.map.allocate(size, 'image');
      let at = image.address + size;
      for (const chunk of rest.reverse()) {
        at -= chunk.length;
        engine.bytes.set(chunk, at);
      }
      engine.bytes.copyWithin(image.address, part.address, part.address + (at - image.address));
      engine.map.release(part);
    }
    return { image, size };
  } catch (error) {
    engine.map.release(image);
    throw error;
  }
}

const metadataModule = ({ metadata }: Pick<ModelDefinition, 'metadata'>) =>
  metadata.some(({ name }) => name === 'TFLITE_METADATA') ? import('./metadata.js') : null;

/**
 * Asks for what else a model needs at the first sign of it, so that it comes while other things are done: operators that a
 * registry lacks (null where it has all), and the reader of metadata.
 */
function foresee(bytes: Uint8Array, registry: Registry): Promise<Registry> | null {
  const contents = readContents(bytes, registry);
  const names = new Set(registry.operators.map((operator) => operator.name));
  const missing = contents.operators.filter((name) => !names.has(name));
  const more = (missing.length && registry.more?.(missing)) || null;
  // The model may turn out to be damaged before anybody waits for them.
  for (const coming of [more, metadataModule(contents)]) coming?.catch(() => {});
  return more;
}

/** Compiled files have `LANE` where others have `TFL3`; the letter is enough to send them to who checks the rest. */
export const isCompiled = (bytes: Uint8Array) => !COMPILER || bytes[7] === 69;
const loadCompiled = () => import('./compiled.js');

/** The registry that suffices for a model, and the model as that reads it. */
async function readWith(bytes: () => Uint8Array, registry: Registry, more?: ReturnType<typeof foresee>) {
  if (!ON_DEMAND) return { definition: readModel(bytes(), registry), registry };
  if (more === undefined) more = foresee(bytes(), registry);
  for (let tables = readTables(bytes(), registry); ; more = foresee(bytes(), registry)) {
    if (!more) {
      const definition = defineModel(tables, bytes(), registry);
      if (!registry.more || registry.suits?.(definition)) return { definition, registry };
    }
    registry = await (more ?? registry.more!([])).catch((cause) => {
      throw new HostError('operators could not be loaded', { cause });
    });
    if (!isPlain(tables)) tables = readTables(bytes(), registry);
  }
}

/**
 * Loads a `.tflite` model (verified, then resident once in linear memory), or what `lanelite compile` made of one.
 * @param source bytes, ArrayBuffer, Response, ReadableStream, Blob, URL or string (in Node also a path)
 * @throws ModelFormatError, ModelSourceError, MemoryLimitError, HostError
 */
export async function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  const chosen = options.operators ? registryOf(options.operators) : standardRegistry;
  // The model and what it needs are on their way while the kernels are.
  const opening = openSource(source, options);
  let ahead: ReturnType<typeof foresee> | undefined;
  if (ON_DEMAND) {
    opening
      .then(({ bytes }) => {
        if (bytes && isCompiled(bytes)) return loadCompiled();
        if (bytes) ahead = foresee(bytes, chosen);
      })
      .catch(() => {});
  }
  const [opened, engine] = await Promise.all([opening, options.engine ?? Engine.create(options)]).catch((error) => {
    discard(opening);
    throw error;
  });
  const { image, size } = await readImage(opened, engine);
  const bytes = () => engine.bytes.subarray(image.address, image.address + size);
  try {
    const { definition, registry } = isCompiled(bytes())
      ? await (await loadCompiled()).readCompiled(bytes(), engine, options)
      : await readWith(bytes, chosen, ahead);
    const metadata = await loadMetadata(bytes, definition);
    return new Model(engine, definition, image, size, registry, metadata, options);
  } catch (error) {
    engine.map.release(image);
    if (error instanceof LaneliteError) throw error;
    throw new ModelFormatError(`the file cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Few models have metadata, so the code that reads it is loaded for them alone. */
const loadMetadata = (bytes: () => Uint8Array, definition: ModelDefinition) =>
  metadataModule(definition)
    ?.then(({ readMetadata }) => readMetadata(bytes(), definition))
    .catch((error) => error as Error);
