import { HostError, LaneliteError, ModelFormatError, NotFoundError, StateError } from '../errors.js';
import type { ModelResources } from '../graph/compile.js';
import { type Graph, importGraph } from '../graph/graph.js';
import { Pool, type Region } from '../memory/map.js';
import type { Operator } from '../ops/operator.js';
import { isStandard, type Registry, registryOf, standardRegistry } from '../ops/registry.js';
import { Engine, type EngineOptions } from '../runtime/engine.js';
import { FlatbufferReader } from './flatbuffer.js';
import type { AssociatedFile, ModelMetadata } from './metadata.js';
import type { ModelDefinition, SignatureDefinition } from './model.js';
import { readModel } from './reader.js';
import { type ModelSource, openSource, type SourceOptions } from './source.js';

export interface LoadOptions extends EngineOptions, SourceOptions {
  /** Puts the model into an existing engine, to share its memory; by default each model has an engine of its own. */
  readonly engine?: Engine;
  /** The operators to know, instead of all that Lanelite has. */
  readonly operators?: readonly Operator[];
}

/** A verified model whose bytes lie once in linear memory, shared by all interpreters that run it. */
export class Model {
  readonly resources: ModelResources;
  readonly #image: Region;
  readonly #metadata: ModelMetadata | Error | null;
  #open = 0;
  #closed = false;

  constructor(
    readonly engine: Engine,
    /** What the file says, without the weights. */
    readonly definition: ModelDefinition,
    image: Region,
    /** Bytes of the file. */
    readonly size: number,
    operators: readonly Operator[],
    metadata: ModelMetadata | Error | null = null,
  ) {
    this.#image = image;
    this.#metadata = metadata;
    this.resources = {
      engine,
      operators: new Map(operators.map((operator) => [operator.name, operator])),
      packed: new Map(),
      packedPool: new Pool(engine.map, 'packed'),
    };
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
    return associatedFiles(FlatbufferReader, () => this.bytes());
  }

  /**
   * Class names, from the label file of an output, or of the first output that has one; null where there is none.
   * @param output position among the outputs
   */
  async labels(output?: number): Promise<string[] | null> {
    const { readLabels } = await import('./metadata.js');
    return readLabels(FlatbufferReader, () => this.bytes(), this.metadata, output);
  }

  /** The model's bytes in place; valid until the engine's memory grows. */
  bytes(): Uint8Array {
    this.#check();
    return this.engine.bytes.subarray(this.#image.address, this.#image.address + this.size);
  }

  /** A subgraph as the compiler starts from it. */
  graph(subgraph: number): Graph {
    this.#check();
    if (!this.definition.subgraphs[subgraph]) throw new NotFoundError(`the model has no subgraph ${subgraph}`);
    return importGraph(this.definition, subgraph, this.#image.address);
  }

  /** Counts an interpreter in or out; the memory stays while one is open. */
  retain(): void {
    this.#check();
    this.#open++;
  }

  unretain(): void {
    this.#open--;
    if (this.#closed && this.#open === 0) this.#release();
  }

  /** Gives the model's memory back, as soon as its last interpreter is closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#open === 0) this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(): void {
    if (this.#closed) throw new StateError('the model is closed');
  }

  #release(): void {
    this.resources.packedPool.release();
    this.resources.packed.clear();
    this.engine.map.release(this.#image);
  }
}

/** Reads a source into linear memory: straight there as far as the size announced goes. */
async function readImage(source: ModelSource, engine: Engine, options: SourceOptions) {
  const { size: announced = 0, chunks } = await openSource(source, options);
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

/** The registry that suffices for a model, and the model as that reads it. */
async function readWith(bytes: () => Uint8Array, registry: Registry) {
  const definition = readModel(bytes(), registry);
  const names = new Set(registry.operators.map((operator) => operator.name));
  const known = definition.subgraphs.every(({ operators }) => operators.every(({ op }) => names.has(op)));
  if (!registry.more || (known && isStandard(definition))) return { definition, operators: registry.operators };
  const full = await registry.more().catch((cause) => {
    throw new HostError('the operators that are loaded on demand could not be loaded', { cause });
  });
  return { definition: readModel(bytes(), full), operators: full.operators };
}

/**
 * Loads a `.tflite` model: verified, then resident once in linear memory.
 * @param source bytes, ArrayBuffer, Response, ReadableStream, Blob, URL or string (in Node also a path)
 * @throws ModelFormatError, ModelSourceError, MemoryLimitError, HostError
 */
export async function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  const engine = options.engine ?? (await Engine.create(options));
  const { image, size } = await readImage(source, engine, options);
  const bytes = () => engine.bytes.subarray(image.address, image.address + size);
  try {
    const registry = options.operators ? registryOf(options.operators) : standardRegistry;
    const { definition, operators } = await readWith(bytes, registry);
    const metadata = await loadMetadata(bytes, definition);
    return new Model(engine, definition, image, size, operators, metadata);
  } catch (error) {
    engine.map.release(image);
    if (error instanceof LaneliteError) throw error;
    throw new ModelFormatError(`the file cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Few models have metadata, so the code that reads it is loaded for them alone. */
async function loadMetadata(bytes: () => Uint8Array, definition: ModelDefinition) {
  if (!definition.metadata.some(({ name }) => name === 'TFLITE_METADATA')) return null;
  const { readMetadata } = await import('./metadata.js');
  try {
    return readMetadata(FlatbufferReader, bytes(), definition);
  } catch (error) {
    return error as Error;
  }
}
