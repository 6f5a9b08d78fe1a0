import { byteLength, type DType, elementCount, type TypedArray, typedArrayOf, typedView } from './dtype.js';
import { NotFoundError, StateError, TensorDataError } from './errors.js';
import { HALVES } from './features.js';
import type { ModelResources, Plan } from './graph/compile.js';
import type { Shape } from './graph/ir.js';
import { floatToHalf, halfToFloat } from './half.js';
import { integerRange, type Quantization } from './quantization.js';
import type { SubgraphRunner } from './runtime/runner.js';

/** Data that a tensor can be set from: elements, or raw little-endian bytes; for strings text or bytes, or TFLite's packed form. */
export type TensorData =
  | TypedArray
  | ArrayBuffer
  | ArrayLike<number>
  | ArrayLike<bigint>
  | ArrayLike<boolean>
  | ArrayLike<string | Uint8Array>;

/**
 * One tensor of an interpreter. Shape and address follow the interpreter: after `resizeInputTensor` or a run with
 * data-dependent shapes they are the new ones.
 */
export class Tensor {
  /** The plan that put the tensor where the views below show it. */
  #plan: Plan | null = null;
  #bytes = new Uint8Array();
  /** The same as elements; null where the address is no multiple of their size. */
  #elements: TypedArray | null = null;
  #constant = false;
  /** How strings go in and out; undefined for numbers. */
  #strings: ModelResources['strings'];

  constructor(
    /** Name in the signature, or in the graph. */
    readonly name: string,
    /** Tensor index in the subgraph. */
    readonly index: number,
    readonly runner: SubgraphRunner,
  ) {}

  get dtype(): DType {
    return this.runner.locate(this.index).value.dtype;
  }

  get shape(): Shape {
    return this.runner.locate(this.index).value.shape;
  }

  /** -1 where the model leaves a dimension open; null where it does not say. */
  get shapeSignature(): Shape | null {
    return this.runner.locate(this.index).value.shapeSignature;
  }

  /** `real = scale * (q - zeroPoint)`; null where the tensor is not quantized. */
  get quantization(): Quantization | null {
    return this.runner.locate(this.index).value.quantization;
  }

  /** Elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  /** Bytes. */
  get byteLength(): number {
    return byteLength(this.dtype, this.size);
  }

  /**
   * The elements in place: a view of linear memory, valid until the interpreter runs, is resized or closed, or
   * anything else allocates. int64 shows as BigInt64Array (see `numbers`), float16 as Uint16Array, complex64 as pairs in a Float32Array, int4 as packed bytes, strings
   * as numbers of the interpreter's own (use `copy`).
   * @throws StateError before the tensor has memory
   */
  data(): TypedArray {
    const bytes = this.#view();
    return this.#elements ?? typedView(this.dtype, bytes.slice().buffer, 0, bytes.length);
  }

  /** The elements as a copy to keep: for strings a `string[]`, read as UTF-8. */
  copy<T extends TypedArray | string[] = TypedArray>(): T {
    const data = this.data();
    return (this.#strings?.read(this) ?? data.slice()) as T;
  }

  /** The elements as plain numbers, int64 too: exact up to 2 ** 53, rounded beyond. `set` takes such numbers back. */
  numbers(): number[] {
    return Array.from(this.data() as ArrayLike<number>, Number);
  }

  /** The raw bytes, as a copy; strings in TFLite's packed form. */
  bytes(): Uint8Array {
    const view = this.#view();
    return this.#strings?.bytes(this) ?? view.slice();
  }

  /**
   * Writes all elements. Typed arrays of the tensor's own kind and ArrayBuffers are copied as they are; a Uint8Array of the
   * tensor's byte length counts as raw bytes; other numbers are converted (to bigint, half, boolean), never rounded
   * or clamped.
   * @throws TensorDataError if length or kind do not fit
   */
  set(data: TensorData): void {
    const target = this.#view();
    if (this.#constant) throw new TensorDataError(`tensor '${this.name}' is constant`);
    const elements = this.#elements;
    if (this.#strings) this.#strings.write(this, data);
    else if (data instanceof Uint8Array && data.length === target.length) target.set(data);
    else if (elements && data.constructor === elements.constructor && (data as TypedArray).length === elements.length) {
      elements.set(data as never);
    } else this.#convert(data, target);
  }

  #convert(data: TensorData, target: Uint8Array): void {
    const { dtype, size } = this;
    const View = typedArrayOf(dtype);
    const raw =
      data instanceof ArrayBuffer
        ? new Uint8Array(data)
        : data instanceof View
          ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
          : null;
    if (raw) {
      if (raw.length !== target.length) throw this.#mismatch(`${raw.length} bytes`, `${target.length} bytes`);
      target.set(raw);
      return;
    }
    const list = data as Exclude<TensorData, ArrayBuffer | ArrayLike<string | Uint8Array>>;
    if (list.length !== size) throw this.#mismatch(`${list.length} elements`, `${size}`);
    if (ArrayBuffer.isView(data) && !compatible(data as TypedArray, dtype)) {
      throw this.#mismatch(data.constructor.name, `${View.name} for ${dtype}`);
    }
    const elements = new View(size);
    const convert = converter(dtype);
    for (let i = 0; i < size; i++) elements[i] = convert(list[i] as number | bigint) as never;
    target.set(new Uint8Array(elements.buffer));
  }

  /** Real numbers: dequantized where the tensor is quantized per tensor, widened where it is float16. */
  real(): Float32Array {
    const data = this.data();
    const { dtype, quantization } = this;
    if (HALVES && dtype === 'float16') return Float32Array.from(data as Uint16Array, halfToFloat);
    const scale = quantization?.scale[0] ?? 1;
    const zeroPoint = quantization?.zeroPoint[0] ?? 0;
    return Float32Array.from(data as ArrayLike<number>, (q) => scale * (Number(q) - zeroPoint));
  }

  /** Sets the tensor from real numbers: quantized (rounded, saturated) where the tensor is. */
  setReal(values: ArrayLike<number>): void {
    const { dtype, quantization } = this;
    if (!quantization || dtype === 'float32') {
      this.set(values);
      return;
    }
    const [lo, hi] = integerRange(dtype);
    const scale = quantization.scale[0]!;
    const zeroPoint = quantization.zeroPoint[0]!;
    this.set(Array.from(values, (x) => Math.min(hi, Math.max(lo, Math.round(x / scale) + zeroPoint))));
  }

  /** The bytes in place. Views are kept as long as they hold: until another plan runs, or memory grows, which empties them. */
  #view(): Uint8Array {
    const { plan } = this.runner;
    if (plan && plan === this.#plan && this.#bytes.length) return this.#bytes;
    const { value, address } = this.runner.locate(this.index);
    if (address === null) {
      throw new StateError(`tensor '${this.name}' has no memory: run invoke() first, or use preserveAllTensors`);
    }
    const { engine, strings } = this.runner.resources;
    const { buffer } = engine.memory;
    const aligned = address % typedArrayOf(value.dtype).BYTES_PER_ELEMENT === 0;
    this.#plan = plan;
    this.#constant = value.constant !== null;
    this.#strings = value.dtype === 'string' ? strings : undefined;
    this.#bytes = new Uint8Array(buffer, address, this.byteLength);
    this.#elements = aligned ? typedView(value.dtype, buffer, address, this.byteLength) : null;
    return this.#bytes;
  }

  #mismatch(found: string, expected: string): TensorDataError {
    return new TensorDataError(
      `tensor '${this.name}' (${this.dtype} [${this.shape}]): expected ${expected}, found ${found}`,
    );
  }
}

/** Whether numbers of another kind of array may become the tensor's. */
function compatible(data: TypedArray, dtype: DType): boolean {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  if (dtype === 'int64' || dtype === 'uint64') return !isFloat;
  return isFloat && (dtype === 'float16' || dtype === 'float32');
}

function converter(dtype: DType): (x: number | bigint) => number | bigint {
  switch (dtype) {
    case 'int64':
    case 'uint64':
      return (x) => BigInt(x);
    case 'float16':
      if (!HALVES) throw new TensorDataError('float16 is not in this selective build');
      return (x) => floatToHalf(Number(x));
    case 'bool':
      return (x) => (x ? 1 : 0);
    default:
      return Number;
  }
}

/** Tensors in order, with access by name. */
export interface TensorList extends ReadonlyArray<Tensor> {
  /** @throws NotFoundError, naming what there is */
  byName(name: string): Tensor;
}

/** A plain array with one method more: those of a subclass of Array are ten times slower. */
export function tensorList(tensors: readonly Tensor[]): TensorList {
  const byName = (name: string) => {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor) return tensor;
    throw new NotFoundError(`no tensor is named '${name}'; there are ${tensors.map((t) => `'${t.name}'`).join(', ')}`);
  };
  return Object.defineProperty([...tensors], 'byName', { value: byName }) as unknown as TensorList;
}
