/**
 * Deterministic inputs: the same seed gives the same bytes on every host and in every tool.
 *
 * Stream: xorshift32 with the shifts 13, 17, 5 (left, right, left), one 32-bit word per element, stored little-endian.
 * Input number i of the subgraph's input list starts at `seed + 0x9E3779B9 * (i + 1)` mod 2^32 (1 where that is 0), and
 * the state is advanced before each use. An element from the word x:
 *   float32, float64   (x >>> 8) / 2^23 - 1, in [-1, 1)        float16   that value, to nearest even
 *   int8, uint8        the top 8 bits                          int16, uint16   the top 16 bits
 *   int32 … uint64     x mod 10                                bool            the top bit
 */
import { byteLength, type DType, type TypedArray, typedArrayOf } from '../dtype.js';
import { ArgumentError } from '../errors.js';
import { floatToHalf } from '../half.js';

export function xorshift32(state: number): () => number {
  let s = state >>> 0 || 1;
  return () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    s >>>= 0;
    return s;
  };
}

const GOLDEN_RATIO = 0x9e3779b9;

/** Elements of input `index` of a model, `count` of them. */
export function generateInput(seed: number, index: number, dtype: DType, count: number): TypedArray {
  const next = xorshift32(seed + Math.imul(GOLDEN_RATIO, index + 1));
  const element = elementRule(dtype);
  const data = new (typedArrayOf(dtype))(byteLength(dtype, count) / typedArrayOf(dtype).BYTES_PER_ELEMENT);
  for (let i = 0; i < count; i++) data[i] = element(next());
  return data;
}

function elementRule(dtype: DType): (word: number) => number | bigint {
  switch (dtype) {
    case 'float32':
    case 'float64':
      return (x) => (x >>> 8) / 2 ** 23 - 1;
    case 'float16':
      return (x) => floatToHalf((x >>> 8) / 2 ** 23 - 1);
    case 'int8':
    case 'uint8':
      return (x) => x >>> 24;
    case 'int16':
    case 'uint16':
      return (x) => x >>> 16;
    case 'int32':
    case 'uint32':
      return (x) => x % 10;
    case 'int64':
    case 'uint64':
      return (x) => BigInt(x % 10);
    case 'bool':
      return (x) => x >>> 31;
    default:
      throw new ArgumentError(`no rule to generate inputs of type ${dtype}: pass a file`);
  }
}
