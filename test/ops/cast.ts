import { type DType, elementCount, type TypedArray, typedArrayOf } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { PACKED, pack, unpack } from '../support/packed.js';
import type { OpSpec, TensorSpec } from '../support/spec.js';

const INTEGERS: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64'];
const FLOATS: readonly DType[] = ['float32', 'float16', 'float64', 'complex64'];
const TYPES: readonly DType[] = [...INTEGERS, ...FLOATS, 'bool'];

const bitsOf = (dtype: DType) => typedArrayOf(dtype).BYTES_PER_ELEMENT * 8;
const isSigned = (dtype: DType) => dtype.startsWith('int');

/** The number that an element stands for; of a complex one the real part. */
function read(dtype: DType, data: TypedArray, i: number): number | bigint {
  if (dtype === 'float16') return halfToFloat(data[i] as number);
  return dtype === 'complex64' ? data[2 * i]! : data[i]!;
}

function toInteger(dtype: DType, v: number | bigint): bigint {
  const bits = bitsOf(dtype);
  // Integers wrap.
  if (typeof v === 'bigint') return isSigned(dtype) ? BigInt.asIntN(bits, v) : BigInt.asUintN(bits, v);
  // Floats are cut off and stop at the ends; NaN becomes the largest integer.
  const lo = isSigned(dtype) ? -(2n ** BigInt(bits - 1)) : 0n;
  const hi = lo + 2n ** BigInt(bits) - 1n;
  if (Number.isNaN(v) || v >= Number(hi)) return hi;
  return v <= Number(lo) ? lo : BigInt(Math.trunc(v));
}

export default {
  op: 'CAST',
  cases: [
    {
      name: 'floats outside the integer range',
      inputs: [{ dtype: 'float32', shape: [6], data: Float32Array.of(300, -300, 1e20, -1e20, Number.NaN, -0.9) }],
      outputs: [{ dtype: 'uint8', shape: [6] }],
    },
    {
      name: 'large int64 to float32',
      inputs: [{ dtype: 'int64', shape: [3], data: BigInt64Array.of(2n ** 60n + 1n, -(2n ** 53n) - 1n, 16777217n) }],
      outputs: [{ dtype: 'float32', shape: [3] }],
    },
  ],
  random(rng) {
    const packed = rng.pick(PACKED);
    const [from, to] = rng.pick([
      [rng.pick(TYPES), rng.pick(TYPES)],
      [rng.pick(TYPES), rng.pick(TYPES)],
      [packed, 'float32'],
      ['float32', packed],
    ] as [DType, DType][]) as [DType, DType];
    const shape = [rng.int(1, 6), rng.dim()];
    let x: TensorSpec = rng.tensor(from, shape);
    if (from === 'uint32' || from === 'int32') x = { ...x, data: (x.data as Int32Array).map(() => rng.word()) };
    return { name: `${from} to ${to}`, inputs: [x], outputs: [{ dtype: to, shape }] };
  },
  tolerance: () => ({ rtol: 0, atol: 0, lsb: 0 }),
  reference({ inputs, outputs }) {
    const x = inputs[0]!;
    const { dtype } = outputs[0]!;
    const n = elementCount(x.shape);
    if (dtype === x.dtype) return [{ shape: x.shape, data: x.data }];
    if (PACKED.includes(x.dtype)) return [{ shape: x.shape, data: Float32Array.from(unpack(x.dtype, x.data, n)) }];
    if (PACKED.includes(dtype))
      return [
        {
          shape: x.shape,
          data: pack(dtype, Array.from(x.data as Float32Array, Math.trunc)),
        },
      ];
    const data = new (typedArrayOf(dtype))(dtype === 'complex64' ? 2 * n : n);
    for (let i = 0; i < n; i++) {
      const float = FLOATS.includes(x.dtype);
      const raw = read(x.dtype, x.data, i);
      const v = float ? raw : BigInt(raw);
      if (dtype === 'bool') data[i] = Number(v) !== 0 ? 1 : 0;
      else if (dtype === 'float16') data[i] = floatToHalf(Math.fround(Number(v)));
      else if (dtype === 'complex64') data[2 * i] = Number(v);
      else if (dtype === 'float32' || dtype === 'float64') data[i] = Number(v);
      else data[i] = dtype === 'int64' ? toInteger(dtype, v) : Number(toInteger(dtype, v));
    }
    return [{ shape: x.shape, data }];
  },
} satisfies OpSpec;
