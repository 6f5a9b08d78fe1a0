import type { TypedArray } from '../../bindings/dtype.js';
import { type DType, elementBits } from '../../bindings/dtype.js';

/** Types of which several elements are in a byte, the first in the lowest bits. */
export const PACKED: readonly DType[] = ['int4', 'uint4', 'int2'];

export function unpack(dtype: DType, data: TypedArray, n: number): Int8Array {
  const bits = elementBits(dtype);
  return Int8Array.from({ length: n }, (_, i) => {
    const value = (Number(data[(i * bits) >> 3]) >> ((i * bits) & 7)) & (2 ** bits - 1);
    return dtype !== 'uint4' && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  });
}

/** Values beyond the type's range stop at its ends. */
export function pack(dtype: DType, values: ArrayLike<number>): Uint8Array {
  const bits = elementBits(dtype);
  const lo = dtype === 'uint4' ? 0 : -(2 ** (bits - 1));
  const hi = lo + 2 ** bits - 1;
  const data = new Uint8Array(Math.ceil((values.length * bits) / 8));
  for (let i = 0; i < values.length; i++) {
    const value = Math.min(Math.max(values[i]!, lo), hi) & (2 ** bits - 1);
    data[(i * bits) >> 3]! |= value << ((i * bits) & 7);
  }
  return data;
}
