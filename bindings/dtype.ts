/** Element types of the TFLite schema, in lower case; the position is the schema's enum value. */
export const DTYPES = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  'resource',
  'variant',
  'uint32',
  'uint16',
  'int4',
  'bfloat16',
  'int2',
  'uint4',
  'float8_e4m3fn',
  'float8_e5m2',
] as const;

export type DType = (typeof DTYPES)[number];

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

interface DTypeInfo {
  /** Bits an element takes in a dense tensor; 0 where elements have no fixed size. */
  readonly bits: number;
  /** The view that shows raw elements: halves as Uint16Array, complex as pairs of floats, int4 and float8 as bytes, strings by number. */
  readonly view: TypedArrayConstructor;
}

const INFO: Record<DType, DTypeInfo> = {
  float32: { bits: 32, view: Float32Array },
  float16: { bits: 16, view: Uint16Array },
  bfloat16: { bits: 16, view: Uint16Array },
  float64: { bits: 64, view: Float64Array },
  int8: { bits: 8, view: Int8Array },
  uint8: { bits: 8, view: Uint8Array },
  int16: { bits: 16, view: Int16Array },
  uint16: { bits: 16, view: Uint16Array },
  int32: { bits: 32, view: Int32Array },
  uint32: { bits: 32, view: Uint32Array },
  int64: { bits: 64, view: BigInt64Array },
  uint64: { bits: 64, view: BigUint64Array },
  bool: { bits: 8, view: Uint8Array },
  complex64: { bits: 64, view: Float32Array },
  complex128: { bits: 128, view: Float64Array },
  int4: { bits: 4, view: Uint8Array },
  uint4: { bits: 4, view: Uint8Array },
  int2: { bits: 2, view: Uint8Array },
  float8_e4m3fn: { bits: 8, view: Uint8Array },
  float8_e5m2: { bits: 8, view: Uint8Array },
  string: { bits: 32, view: Int32Array },
  resource: { bits: 32, view: Int32Array },
  variant: { bits: 0, view: Uint8Array },
};

/** Bytes of one element; sub-byte types count as one (use `byteLength` for a tensor). */
export function elementSize(dtype: DType): number {
  return Math.max(1, INFO[dtype].bits >> 3);
}

export function elementBits(dtype: DType): number {
  return INFO[dtype].bits;
}

/** Bytes of a dense tensor of `count` elements. */
export function byteLength(dtype: DType, count: number): number {
  return Math.ceil((INFO[dtype].bits * count) / 8);
}

/** A typed view over `bytes` bytes of `buffer`; the address must be aligned to the view's element. */
export function typedView(dtype: DType, buffer: ArrayBufferLike, address: number, bytes: number): TypedArray {
  const { view: View } = INFO[dtype];
  return new View(buffer, address, bytes / View.BYTES_PER_ELEMENT);
}

export function typedArrayOf(dtype: DType): TypedArrayConstructor {
  return INFO[dtype].view;
}

export function elementCount(shape: readonly number[]): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}
