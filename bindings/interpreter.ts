import type { DType, TypedArray } from './dtype.js';
import { ArgumentError, NotFoundError, StateError } from './errors.js';
import { type Arithmetic, alone, type InstructionObserver, type ModelResources, type Plan } from './graph/compile.js';
import type { Session, Shape } from './graph/ir.js';
import type { Build } from './hosts/host.js';
import type { Model, Residence } from './model/load.js';
import type { Operator } from './ops/operator.js';
import { checkInputShape, SubgraphRunner } from './runtime/runner.js';
import { Tensor, type TensorData, type TensorList, tensorList } from './tensor.js';
import type { Team } from './threads/host.js';

export interface InterpreterOptions {
  /**
   * `fast` (default): quantized results may differ from the TFLite kernels in the last place.
   * `exact`: equal to the TFLite kernels bit for bit, on every host and build.
   */
  readonly arithmetic?: Arithmetic;
  /** Keeps every intermediate tensor readable, at the cost of memory and speed. */
  readonly preserveAllTensors?: boolean;
  /** Operators beyond those that the model was loaded with, such as `extra` of `lanelite/ops/extra`. */
  readonly customOps?: readonly Operator[];
  /** Threads to use, this one among them. Where there cannot be as many, `info.threadsReason` says why. */
  readonly threads?: number;
}

/** What TFLite's get_input_details and get_output_details give. */
export interface TensorDetails {
  readonly name: string;
  readonly index: number;
  readonly shape: Shape;
  readonly shapeSignature: Shape;
  readonly dtype: DType;
  readonly quantization: readonly [scale: number, zeroPoint: number];
  readonly quantizationParameters: {
    readonly scales: Float32Array;
    readonly zeroPoints: Int32Array;
    readonly quantizedDimension: number;
  };
}

/** Bytes by purpose. */
export interface MemoryInfo {
  /** The model file. */
  readonly image: number;
  /** Weights as the kernels want them. */
  readonly packed: number;
  /** All activations. */
  readonly arena: number;
  /** No placement of the activations could be smaller. */
  readonly arenaLowerBound: number;
  readonly scratch: number;
  /** Regions handed out in this model's engine, by all interpreters. */
  readonly used: number;
  /** Size of the WebAssembly memory. */
  readonly total: number;
}

function details(tensor: Tensor): TensorDetails {
  const { name, index, shape, dtype, quantization } = tensor;
  return {
    name,
    index,
    shape,
    shapeSignature: tensor.shapeSignature ?? shape,
    dtype,
    quantization: [quantization?.scale[0] ?? 0, quantization?.zeroPoint[0] ?? 0],
    quantizationParameters: {
      scales: quantization?.scale ?? new Float32Array(),
      zeroPoints: quantization?.zeroPoint ?? new Int32Array(),
      quantizedDimension: quantization?.axis ?? 0,
    },
  };
}

/** Runs a model. Several interpreters may share one model; each has activations and variables of its own. */
export class Interpreter {
  readonly inputs: TensorList;
  readonly outputs: TensorList;
  readonly #runners = new Map<number, SubgraphRunner>();
  readonly #signatures = new Map<string, SignatureRunner>();
  readonly #arithmetic: Arithmetic;
  readonly #preserve: boolean;
  readonly #residence: Residence;
  readonly #team: Team;
  readonly #resources: ModelResources;
  readonly #session: Session = {
    layout: 0,
    owners: [],
    subgraph: (index) => this.#runner(index),
    runners: () => this.#runners.values(),
  };
  /** A run in the background. */
  #running: Promise<void> | null = null;
  #closed = false;

  private constructor(
    readonly model: Model,
    options: InterpreterOptions,
    team: Team,
  ) {
    this.#arithmetic = options.arithmetic ?? 'fast';
    this.#preserve = options.preserveAllTensors ?? false;
    this.#team = team;
    this.#residence = model.enter();
    const { resources } = this.#residence;
    const operators = new Map(resources.operators);
    for (const operator of options.customOps ?? []) operators.set(operator.name, operator);
    this.#resources = { ...resources, operators };
    try {
      const main = this.#runner(0);
      this.inputs = tensorList(main.graph.inputs.map((value) => new Tensor(value.name, value.id, main)));
      this.outputs = tensorList(main.graph.outputs.map((value) => new Tensor(value.name, value.id, main)));
      this.allocateTensors();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Compiles a model for its stored input shapes and allocates what it needs.
   * @throws UnsupportedOperatorError, ShapeError, InvalidOperatorError, MemoryLimitError
   */
  static async create(model: Model, options: InterpreterOptions = {}): Promise<Interpreter> {
    const { arithmetic = 'fast', threads = 1 } = options;
    if (arithmetic !== 'fast' && arithmetic !== 'exact') {
      throw new ArgumentError(`arithmetic must be 'fast' or 'exact', not '${arithmetic}'`);
    }
    if (!(Number.isInteger(threads) && threads >= 1)) throw new ArgumentError(`threads must be 1 or more`);
    return new Interpreter(
      model,
      options,
      threads > 1 ? await model.startTeam(threads) : alone('no more were asked for'),
    );
  }

  /** How this interpreter runs. */
  get info(): {
    readonly build: Build;
    readonly arithmetic: Arithmetic;
    readonly threads: number;
    /** Why there are no more threads; null where there are as many as asked for. */
    readonly threadsReason: string | null;
  } {
    const { count: threads, reason: threadsReason } = this.#team;
    return { build: this.#residence.resources.engine.build, arithmetic: this.#arithmetic, threads, threadsReason };
  }

  /** Plans for the current input shapes; after a run, all that it took. */
  get plans(): readonly Plan[] {
    return this.#runner(0).plans;
  }

  get memory(): MemoryInfo {
    const { engine } = this.#residence.resources;
    const sum = (key: keyof Plan['memory']) => this.plans.reduce((total, plan) => total + plan.memory[key], 0);
    return {
      image: this.model.size,
      packed: engine.map.used('packed'),
      arena: sum('arena'),
      arenaLowerBound: sum('lowerBound'),
      scratch: Math.max(0, ...this.plans.map((plan) => plan.memory.scratch)),
      used: engine.map.used(),
      total: engine.memory.buffer.byteLength,
    };
  }

  /** Applies `resizeInputTensor`. Input data has to be set again afterwards. */
  allocateTensors(): void {
    this.#runner(0).prepare();
  }

  /** Runs the model on what its inputs hold. */
  invoke(): void {
    this.#runner(0).run();
  }

  /**
   * The same, away from this thread if the interpreter has threads: a page stays responsive meanwhile. Until it is done,
   * tensors must be left alone, and nothing else can be run.
   */
  async invokeAsync(): Promise<void> {
    this.#running = this.#runner(0).runAsync();
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
  }

  /** Runs once and reports the time of each instruction. */
  invokeObserved(observe: InstructionObserver): void {
    this.#runner(0).run(observe);
  }

  getInputDetails(): TensorDetails[] {
    this.#check();
    return this.inputs.map(details);
  }

  getOutputDetails(): TensorDetails[] {
    this.#check();
    return this.outputs.map(details);
  }

  /** Any tensor of the main subgraph by its index. */
  tensor(index: number): Tensor {
    const runner = this.#runner(0);
    const value = runner.graph.values[index];
    if (!value) throw new NotFoundError(`there is no tensor ${index} of ${runner.graph.values.length}`);
    return new Tensor(value.name, index, runner);
  }

  /** @param index tensor index, as in `getInputDetails()` */
  setTensor(index: number, data: TensorData): void {
    this.tensor(index).set(data);
  }

  /** A copy of a tensor's elements. */
  getTensor<T extends TypedArray | string[] = TypedArray>(index: number): T {
    return this.tensor(index).copy();
  }

  /**
   * Gives an input a new shape, which takes effect with `allocateTensors()` or the next `invoke()`.
   * @param strict refuse shapes that the model's signature does not allow
   */
  resizeInputTensor(index: number, shape: Shape, { strict = false } = {}): void {
    const runner = this.#runner(0);
    const input = runner.graph.inputs.findIndex((value) => value.id === index);
    if (input < 0) throw new NotFoundError(`tensor ${index} is not an input`);
    checkInputShape(runner.graph.inputs[input]!, shape, strict);
    runner.resize(input, shape);
  }

  /** Signature keys with the names of their inputs and outputs. */
  getSignatureList(): Record<string, { inputs: string[]; outputs: string[] }> {
    this.#check();
    return Object.fromEntries(
      this.model.signatures.map(({ key, inputs, outputs }) => [
        key,
        { inputs: inputs.map((t) => t.name), outputs: outputs.map((t) => t.name) },
      ]),
    );
  }

  /** Runs a signature by the names of its inputs and outputs; without a key, the model's only one. */
  getSignatureRunner(key?: string): SignatureRunner {
    this.#check();
    const { signatures } = this.model;
    const signature =
      key === undefined && signatures.length === 1 ? signatures[0] : signatures.find((s) => s.key === key);
    if (!signature) {
      const list = signatures.map((s) => `'${s.key}'`).join(', ') || 'none';
      throw new NotFoundError(`no signature ${key === undefined ? 'was named' : `'${key}'`}; the model has ${list}`);
    }
    let runner = this.#signatures.get(signature.key);
    if (!runner) {
      const graph = this.#runner(signature.subgraph);
      const tensors = (list: typeof signature.inputs) =>
        tensorList(list.map(({ name, tensor }) => new Tensor(name, tensor, graph)));
      runner = new SignatureRunner(signature.key, tensors(signature.inputs), tensors(signature.outputs), graph);
      this.#signatures.set(signature.key, runner);
    }
    return runner;
  }

  /** Puts all variables (the state of recurrent models) back to zero. */
  resetVariables(): void {
    this.#check();
    for (const runner of this.#runners.values()) runner.resetVariables();
    for (const owner of this.#session.owners) owner.reset();
  }

  /** Gives all memory back. The model stays open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const release = () => {
      for (const runner of this.#runners.values()) runner.release();
      for (const owner of this.#session.owners) owner.release();
      this.#residence.leave();
      this.#team.close();
    };
    // Threads that work in the background still need the memory.
    if (this.#running) void this.#running.then(release, release);
    else release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #check(): void {
    if (this.#closed) throw new StateError('the interpreter is closed');
  }

  #runner(subgraph: number): SubgraphRunner {
    this.#check();
    let runner = this.#runners.get(subgraph);
    if (!runner) {
      const options = { arithmetic: this.#arithmetic, preserveAllTensors: this.#preserve, team: this.#team };
      runner = new SubgraphRunner(this.#residence.graph(subgraph), this.#resources, options, this.#session);
      this.#runners.set(subgraph, runner);
    }
    return runner;
  }
}

/** One signature of a model: inputs and outputs by the names that the model's author gave them. */
export class SignatureRunner {
  constructor(
    readonly key: string,
    readonly inputs: TensorList,
    readonly outputs: TensorList,
    readonly runner: SubgraphRunner,
  ) {}

  /** Sets the given inputs, runs, and gives copies of all outputs by name. */
  run<T extends TypedArray | string[] = TypedArray>(values: Record<string, TensorData> = {}): Record<string, T> {
    if (!this.runner.prepared) this.runner.prepare();
    for (const [name, data] of Object.entries(values)) this.inputs.byName(name).set(data);
    this.runner.run();
    return Object.fromEntries(this.outputs.map((tensor) => [tensor.name, tensor.copy()]));
  }
}
