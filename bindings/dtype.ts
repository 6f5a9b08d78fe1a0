export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type TypedArrayConstructor = {
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
  new (length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
};

/**
 * Element types of the TFLite schema, in lower case and in the order of the schema's enum: the bits that an element takes in a dense
 * tensor (0 where elements have no fixed size), and the view that shows raw elements (halves as Uint16Array, complex as pairs of
 * floats, int4 and float8 as bytes, strings by number).
 */
const INFO = {
  float32: [32, Float32Array],
  float16: [16, Uint16Array],
  int32: [32, Int32Array],
  uint8: [8, Uint8Array],
  int64: [64, BigInt64Array],
  string: [32, Int32Array],
  bool: [8, Uint8Array],
  int16: [16, Int16Array],
  complex64: [64, Float32Array],
  int8: [8, Int8Array],
  float64: [64, Float64Array],
  complex128: [128, Float64Array],
  uint64: [64, BigUint64Array],
  resource: [32, Int32Array],
  variant: [0, Uint8Array],
  uint32: [32, Uint32Array],
  uint16: [16, Uint16Array],
  int4: [4, Uint8Array],
  bfloat16: [16, Uint16Array],
  int2: [2, Uint8Array],
  uint4: [4, Uint8Array],
  float8_e4m3fn: [8, Uint8Array],
  float8_e5m2: [8, Uint8Array],
} satisfies Record<string, [number, TypedArrayConstructor]>;

export type DType = keyof typeof INFO;

/** The position is the schema's enum value. */
export const DTYPES = Object.keys(INFO) as DType[];

/** Bytes of one element; sub-byte types count as one (use `byteLength` for a tensor). */
export function elementSize(dtype: DType): number {
  return Math.max(1, INFO[dtype][0] >> 3);
}

export function elementBits(dtype: DType): number {
  return INFO[dtype][0];
}

/** Bytes of a dense tensor of `count` elements. */
export function byteLength(dtype: DType, count: number): number {
  return Math.ceil((INFO[dtype][0] * count) / 8);
}

/** A typed view over `bytes` bytes of `buffer`; the address must be aligned to the view's element. */
export function typedView(dtype: DType, buffer: ArrayBufferLike, address: number, bytes: number): TypedArray {
  const View = typedArrayOf(dtype);
  return new View(buffer, address, bytes / View.BYTES_PER_ELEMENT);
}

export function typedArrayOf(dtype: DType): TypedArrayConstructor {
  return INFO[dtype][1];
}

export function elementCount(shape: readonly number[]): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}
