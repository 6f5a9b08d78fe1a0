import type { DType } from '../dtype.js';
import { input, output, unsupported } from '../graph/ir.js';
import { hostOperator } from './shared/host.js';
import { typedAs } from './shared/typed.js';

const DTYPES: readonly DType[] = ['bool', 'float32', 'int64', 'int32', 'int8', 'uint8', 'uint32'];

/** The indices of all elements that are not zero, in order. */
export const where = typedAs(
  'int64',
  hostOperator({
    name: 'WHERE',
    check(node) {
      const { dtype } = input(node, 0);
      if (!DTYPES.includes(dtype)) throw unsupported(node, `a condition of type ${dtype}`);
      if (output(node).dtype !== 'int64') throw unsupported(node, `output of type ${output(node).dtype}`);
    },
    run({ inputs }) {
      const { data, shape } = inputs[0]!;
      const rank = shape.length;
      const found: number[] = [];
      for (let i = 0; i < data.length; i++) if (Number(data[i]) !== 0) found.push(i);
      const indices = new BigInt64Array(found.length * rank);
      for (const [row, i] of found.entries()) {
        let rest = i;
        for (let d = rank - 1; d >= 0; d--) {
          indices[row * rank + d] = BigInt(rest % shape[d]!);
          rest = Math.floor(rest / shape[d]!);
        }
      }
      return [{ shape: [found.length, rank], data: indices }];
    },
  }),
);
