import { type DType, elementBits, elementCount } from '../../bindings/dtype.js';
import { floatToHalf, halfToFloat } from '../../bindings/half.js';
import { counting, element, int32, movable, smallShape, tensorOf } from '../support/moving.js';
import type { Rng } from '../support/random.js';
import type { OpCase, OpSpec, ReferenceTensor } from '../support/spec.js';

/** Element i of a row: signed, the lowest bits of a byte first; rows begin with a byte. */
function integer({ dtype, shape, data }: ReferenceTensor, row: number, i: number): number {
  const bits = elementBits(dtype);
  const columns = elementCount(shape.slice(1));
  const byte = data[Math.floor((row * columns * bits) / 8) + ((i * bits) >> 3)] as number;
  const unused = 32 - bits;
  return (byte << (unused - ((i * bits) & 7))) >> unused;
}

function hybrid(rng: Rng, dtype: DType, to: DType, shape: readonly number[], perRow: boolean): OpCase {
  const rows = shape[0]!;
  const scale = Array.from({ length: perRow ? rows : 1 }, () => Math.fround(rng.uniform(0.001, 0.1)));
  const table = {
    ...rng.tensor(dtype === 'uint8' ? 'uint8' : 'int8', [Math.ceil((elementCount(shape) * elementBits(dtype)) / 8)]),
    ...{ dtype, shape, constant: true, quantization: { scale, zeroPoint: scale.map(() => 0), axis: 0 } },
  };
  const lookup = Array.from({ length: rng.int(1, 5) }, () => rng.int(0, rows - 1));
  return {
    name: `${dtype} ${shape} to ${to}, ${scale.length} scales`,
    inputs: [{ ...int32(lookup), constant: false }, table],
    outputs: [{ dtype: to, shape: [] }],
  };
}

const TABLES: readonly DType[] = ['int8', 'uint8', 'int4', 'int2'];

/** y[i] = table[lookup[i]], or what the integers there stand for. */
export default {
  op: 'EMBEDDING_LOOKUP',

  reference({ inputs: [lookup, table], outputs: [y] }) {
    const shape = [...lookup!.shape, ...table!.shape.slice(1)];
    const row = (i: number) => lookup!.data[i] as number;
    if (y!.dtype === table!.dtype) {
      return [tensorOf(y!.dtype, shape, ([i, ...rest]) => element(table!, [row(i!), ...rest]))];
    }
    const { blocks, quantization } = table!;
    const scaleOf = (row: number, i: number): number => {
      if (blocks) return halfToFloat(blocks.scales.data![Math.floor((row * columns + i) / blocks.size)] as number);
      const { scale } = quantization!;
      return scale[scale.length > 1 ? row : 0]!;
    };
    const columns = elementCount(table!.shape.slice(1));
    let at = 0;
    return [
      tensorOf(y!.dtype, shape, ([n]) => {
        const i = at++ % columns;
        const real = Math.fround(integer(table!, row(n!), i) * scaleOf(row(n!), i));
        return [y!.dtype === 'float16' ? floatToHalf(real) : real];
      }),
    ];
  },

  cases: [
    {
      name: 'rows',
      inputs: [{ ...int32([2, 0, 2]), constant: false }, counting([3, 4])],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
    {
      name: 'int4 in blocks',
      inputs: [
        { ...int32([1, 0]), constant: false },
        {
          ...{ dtype: 'int4', shape: [2, 8], data: Uint8Array.of(1, 35, 69, 103, 137, 171, 205, 239), constant: true },
          blocks: {
            scales: {
              dtype: 'float16',
              shape: [2, 2],
              data: Uint16Array.of(0x3c00, 0x4000, 0x2e66, 0x3555),
              constant: true,
            },
            size: 4,
          },
        },
      ],
      outputs: [{ dtype: 'float32', shape: [] }],
    },
  ],

  random(rng) {
    const shape = [rng.int(1, 5), ...smallShape(rng, rng.int(1, 2))];
    if (rng.bool(0.6)) {
      return hybrid(rng, rng.pick(TABLES), rng.pick(['float32', 'float16'] as const), shape, rng.bool());
    }
    const table = movable(rng, shape);
    const lookup = Array.from({ length: rng.int(0, 5) }, () => rng.int(0, shape[0]! - 1));
    return {
      name: `${table.dtype} ${shape}`,
      inputs: [{ ...int32(lookup), constant: false }, table],
      outputs: [{ dtype: table.dtype, shape: [] }],
    };
  },
} satisfies OpSpec as OpSpec;
