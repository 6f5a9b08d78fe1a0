import { type DType, typedArrayOf } from '../dtype.js';
import { checkShape, input, invalid, output, unsupported } from '../graph/ir.js';
import { hostOperator } from './shared/host.js';

const DTYPES: readonly DType[] = ['float32', 'int8', 'int16', 'int32', 'int64', 'uint8'];

/** The different elements of a vector in the order in which they come, and for each element the number of its value. */
export const unique = hostOperator({
  name: 'UNIQUE',
  check(node) {
    const [{ dtype, shape }, y, indices] = [input(node, 0), output(node, 0), output(node, 1)];
    if (!DTYPES.includes(dtype)) throw unsupported(node, `input of type ${dtype}`);
    if (y.dtype !== dtype) throw invalid(node, `output is ${y.dtype}, expected ${dtype} as the input`);
    if (indices.dtype !== 'int32' && indices.dtype !== 'int64') throw unsupported(node, `indices of ${indices.dtype}`);
    checkShape(node, shape.length === 1, () => `the input must be a vector, not [${shape}]`);
  },
  run({ node, inputs }) {
    const { data, dtype, shape } = inputs[0]!;
    const numbers = new Map<number | bigint, number>();
    const indices = new (typedArrayOf(output(node, 1).dtype))(data.length);
    for (let i = 0; i < data.length; i++) {
      let number = numbers.get(data[i]!);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(data[i]!, number);
      }
      indices[i] = indices instanceof BigInt64Array ? BigInt(number) : number;
    }
    const values = new (typedArrayOf(dtype))(numbers.size);
    for (const [value, i] of numbers) values[i] = value;
    return [
      { shape: [numbers.size], data: values },
      { shape, data: indices },
    ];
  },
});
